//! `newsletterd bounce -` behind the pipe of a real Postfix, as a user who may not write the database.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use newsletterd::mail::intake::Content;

use super::{LIMIT, Listening};
use crate::support::postfix::mail_server;

/// What the pipe runs: the built program on `config`. It says in `codes` how that ended.
fn script(config: &str, codes: &str) -> String {
    format!(
        "#!/bin/sh\n{} -c {config} bounce --recipient \"$1\" -\ncode=$?\necho $code >>{codes}\nexit $code\n",
        env!("CARGO_BIN_EXE_newsletterd")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_hands_over_to_the_daemon() {
    let Some(server) = mail_server() else { return };
    let listening = Listening::new(&server, "lmtp", None, 0).await;
    let name = format!("t{}", std::process::id());
    let folder = server.pipes.join(format!("{name}.d"));
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();

    // The daemon of this configuration is away, so that the first try fails for now.
    let engine = &listening.test.engine;
    let (domain, url) = (engine.config.bounces.return_path.as_str(), engine.config.database.url.driver_url());
    let config = |listen: &str| {
        let config = crate::support::engine::daily_config(server.smtp.parse().unwrap());
        let bounces = format!("return_path = \"{domain}\"\nlisten = \"{listen}\"");
        let config = config.replace("return_path = \"bounces.example.org\"", &bounces);
        format!("{config}\n[database]\nurl = \"{url}\"\n")
    };
    fs::write(file("newsletter.toml"), config("127.0.0.1:9")).unwrap();
    let program = server.pipes.join(format!("{name}.pipe.test"));
    fs::write(&program, script(&file("newsletter.toml"), &file("codes"))).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();

    let ours = listening.return_path();
    let local = ours.split_once('@').unwrap().0;
    let piped = format!("{local}@{name}.pipe.test");
    listening.send(None, &piped).await;
    let codes = || fs::read_to_string(file("codes")).unwrap_or_default();
    let first_try = async {
        while codes().is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(LIMIT, first_try).await.expect("the pipe is tried");
    assert_eq!(codes(), "75\n");
    assert_eq!(listening.rows().await, 0);

    fs::write(file("newsletter.toml"), config(&listening.address.to_string())).unwrap();
    let kept = listening.wait_for(1).await;
    // That address is of the pipe's domain, not of ours: it came to postmaster.
    assert_eq!(kept[0].came_to, Some(format!("postmaster@{domain}")));
    let Content::Mail(mail) = &kept[0].content else { panic!("no mail") };
    assert!(mail.ends_with(b"\r\n\r\nIt did not arrive.\r\n.dot\r\n"));
    assert_eq!(listening.rows().await, 1);
    let handed_over = async {
        while !codes().ends_with("\n0\n") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(LIMIT, handed_over).await.expect("the pipe succeeds");
    fs::remove_dir_all(&folder).unwrap();
    fs::remove_file(program).unwrap();
}
