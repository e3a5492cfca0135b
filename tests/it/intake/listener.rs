//! The listener behind a real Postfix: by LMTP and by SMTP, in plain text and under TLS.

use newsletterd::domain::bounce::Intake;
use newsletterd::domain::delivery::Outcome;
use newsletterd::mail::intake::Content;
use newsletterd::mail::receiver::ServerTls;

use super::{LIMIT, Listening};
use crate::support::postfix::{MailServer, mail_server};

fn certificate() -> ServerTls {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["bounces.example.org".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    ServerTls::from_files(&certificate, &key).unwrap()
}

/// A report to us is kept; a mail to anybody else is refused, and the mail server tells its sender so.
async fn takes_what_is_ours(server: &MailServer, transport: &str, tls: Option<ServerTls>) {
    let listening = Listening::new(server, transport, tls, 0).await;
    let ours = listening.return_path();
    listening.send(None, &ours).await;
    let kept = listening.wait_for(1).await;
    assert_eq!(kept[0].intake, Intake::Listener, "{transport}");
    assert_eq!(kept[0].came_to.as_deref(), Some(ours.as_str()), "{transport}");
    let Content::Mail(mail) = &kept[0].content else { panic!("no mail") };
    assert!(mail.ends_with(b"\r\n\r\nIt did not arrive.\r\n.dot\r\n"), "{transport}");

    let domain = ours.split_once('@').unwrap().1;
    let sender = format!("bounces+intake-{transport}@bounces.news.test");
    listening.send(Some(&sender), &format!("bounce-nobody@{domain}")).await;
    let reports = server.reports_to(&sender).wait_for(1, LIMIT);
    let report = String::from_utf8_lossy(&reports[0]);
    assert!(report.contains("550 5.1.1 no such address here"), "{transport}: {report}");

    listening.send(Some(&sender), &format!("postmaster@{domain}")).await;
    listening.wait_for(2).await;
    assert_eq!(listening.rows().await, 2, "{transport}");
}

#[tokio::test(flavor = "multi_thread")]
async fn postfix_hands_on_by_lmtp_and_smtp() {
    let Some(server) = mail_server() else { return };
    for transport in ["lmtp", "smtp"] {
        takes_what_is_ours(&server, transport, None).await;
        // Where TLS is offered, it need not be taken.
        takes_what_is_ours(&server, transport, Some(certificate())).await;
    }
}

/// Postfix asks the listener whether an address exists before it takes a mail for it.
#[tokio::test(flavor = "multi_thread")]
async fn postfix_asks_first() {
    let Some(server) = mail_server() else { return };
    for transport in ["lmtp", "smtp"] {
        let listening = Listening::new(&server, transport, None, 0).await;
        let domain = listening.test.engine.config.bounces.return_path.as_str();
        let outcome =
            listening.try_to_send(Some("bounces@bounces.news.test"), &format!("asked@{domain}")).await;
        let Outcome::Bounced(reply) = &outcome else { panic!("{transport}: {outcome:?}") };
        assert!(reply.text.contains("no such address here"), "{transport}: {reply:?}");
        assert_eq!(listening.rows().await, 0, "{transport}");
    }
}

/// These transports do not speak but under TLS.
#[tokio::test(flavor = "multi_thread")]
async fn postfix_hands_on_under_tls() {
    let Some(server) = mail_server() else { return };
    for transport in ["lmtps", "smtps"] {
        takes_what_is_ours(&server, transport, Some(certificate())).await;
    }
}

/// While nothing can be kept, the mail server has it, and comes again.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_now_comes_again() {
    let Some(server) = mail_server() else { return };
    for transport in ["lmtp", "smtp"] {
        let listening = Listening::new(&server, transport, None, 2).await;
        listening.send(None, &listening.return_path()).await;
        listening.wait_for(1).await;
        assert_eq!(listening.rows().await, 1, "{transport}");
    }
}
