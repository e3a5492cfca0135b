//! Amazon SES through SNS: what is not SNS's, or not ours.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use newsletterd::sources::fetch::{FetchRules, Fetcher, Resolver};
use newsletterd::web::webhooks::Certificates;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::Hooked;
use super::sns::{CERTIFICATE, bounce, certificate, known, notification, sign};

/// A server that calls itself SNS, with a certificate that it made itself, and counts who comes.
struct Impostor {
    at: SocketAddr,
    came: Arc<AtomicUsize>,
}

impl Impostor {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let made =
            rcgen::generate_simple_self_signed(vec!["sns.eu-west-1.amazonaws.com".to_owned()]).unwrap();
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![made.cert.der().clone()],
                    rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap(),
                )
                .unwrap();
        let tls = TlsAcceptor::from(Arc::new(config));
        let came = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&came);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                // Nobody who checks certificates gets further than this.
                let _ = tls.accept(stream).await;
            }
        });
        Self { at, came }
    }

    fn count(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }

    /// A fetcher for which all hosts that are named here lead to the impostor.
    fn fetcher(&self) -> Fetcher {
        let hosts = ["sns.eu-west-1.amazonaws.com", "sns.us-east-1.amazonaws.com", "evil.example"];
        let table: BTreeMap<_, _> = hosts.iter().map(|host| ((*host).to_owned(), vec![self.at])).collect();
        let rules = FetchRules { allow_hosts: hosts.map(str::to_owned).to_vec(), ..FetchRules::default() };
        Fetcher::with_resolver(rules, Resolver::Fixed(table)).unwrap()
    }
}

async fn with_impostor(certificates: &Certificates) -> (Hooked, Impostor) {
    let impostor = Impostor::start().await;
    let adapt = |state: newsletterd::web::WebState| state.with_certificates(certificates.clone());
    let site =
        Hooked::over(crate::support::engine::NO_RELAY, false, adapt, Some(impostor.fetcher())).await.unwrap();
    (site, impostor)
}

fn signed(site: &Hooked, change: impl Fn(&mut Value)) -> Value {
    let mut message = notification(site, &bounce("eventType", "ana@example.org", "x@example.org"));
    change(&mut message);
    sign(&mut message);
    message
}

#[tokio::test]
async fn a_certificate_from_elsewhere_is_not_even_fetched() {
    let (site, impostor) = with_impostor(&Certificates::default()).await;
    for url in [
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "https://evil.example/x.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
        "https://user@sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://sns.us-east-1.amazonaws.com/x.pem",
        "https://s3.eu-west-1.amazonaws.com/sns.pem",
        "https://sns.eu-west-1.amazonaws.com/x.pem?to=https://evil.example",
        "https://sns.eu-west-1.amazonaws.com/?Action=x",
        "file:///etc/ssl/x.pem",
        "x.pem",
    ] {
        let message = signed(&site, |message| message["SigningCertURL"] = url.into());
        let (status, text) = site.sns(&message).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{url}: {text}");
    }
    assert_eq!((impostor.count(), site.kept().await.len()), (0, 0));
}

#[tokio::test]
async fn who_takes_the_place_of_sns_is_not_believed() {
    let (site, impostor) = with_impostor(&Certificates::default()).await;
    let (status, text) = site.sns(&signed(&site, |_| {})).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    assert_eq!((impostor.count(), site.kept().await.len()), (1, 0));
}

#[tokio::test]
async fn what_was_changed_or_is_another_topics_is_refused() {
    let (site, impostor) = with_impostor(&known()).await;
    for (member, value) in [
        ("Message", json!({"eventType": "Complaint"}).to_string()),
        ("MessageId", "other".to_owned()),
        ("Timestamp", "2026-11-24T00:00:01.000Z".to_owned()),
        ("Subject", "Other".to_owned()),
        ("SignatureVersion", "1".to_owned()),
        ("SignatureVersion", "3".to_owned()),
        ("Signature", "?".to_owned()),
        ("Signature", "AAAA".to_owned()),
        ("TopicArn", "arn:aws:sns:eu-west-1:999999999999:bounces".to_owned()),
    ] {
        let mut message = signed(&site, |_| {});
        message[member] = value.into();
        let (status, text) = site.sns(&message).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{member}: {text}");
    }
    let foreign =
        signed(&site, |message| message["TopicArn"] = "arn:aws:sns:eu-west-1:999999999999:x".into());
    assert_eq!(site.sns(&foreign).await.0, StatusCode::FORBIDDEN, "rightly signed, but somebody else's");
    for missing in ["Type", "TopicArn", "Message", "MessageId", "Timestamp", "Signature", "SigningCertURL"] {
        let mut message = signed(&site, |_| {});
        message.as_object_mut().unwrap().remove(missing);
        let (status, text) = site.sns(&message).await;
        assert!(
            matches!(status, StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN),
            "{missing}: {status} {text}"
        );
        assert!(text.contains(missing), "{missing}: {text}");
    }
    assert_eq!((impostor.count(), site.kept().await.len()), (0, 0));
}

#[tokio::test]
async fn a_certificate_of_another_time_or_of_another_key_is_refused() {
    let other = rcgen::generate_simple_self_signed(vec!["sns.amazonaws.com".to_owned()]).unwrap();
    for pem in
        [certificate(2024, 2025), certificate(2027, 2028), other.cert.pem(), "no certificate".to_owned()]
    {
        let certificates = Certificates::known([(CERTIFICATE.to_owned(), pem.into_bytes())]);
        let (site, _impostor) = with_impostor(&certificates).await;
        let (status, text) = site.sns(&signed(&site, |_| {})).await;
        assert_eq!((status, site.kept().await.len()), (StatusCode::FORBIDDEN, 0), "{text}");
    }
}

#[tokio::test]
async fn a_subscription_is_confirmed_at_sns_and_nowhere_else() {
    let (site, impostor) = with_impostor(&known()).await;
    let confirmation = |url: &str| {
        signed(&site, |message| {
            message["Type"] = "SubscriptionConfirmation".into();
            message["Token"] = "2336412f37fb".into();
            message["SubscribeURL"] = url.into();
        })
    };
    for url in [
        "https://evil.example/?Action=ConfirmSubscription",
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
    ] {
        assert_eq!(site.sns(&confirmation(url)).await.0, StatusCode::FORBIDDEN, "{url}");
    }
    let mut forged = confirmation("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1");
    forged["Token"] = "1".into();
    assert_eq!(site.sns(&forged).await.0, StatusCode::FORBIDDEN);
    assert_eq!(impostor.count(), 0);
    // The right place is asked; who stands there is not SNS, so that SNS has to call again.
    let good =
        confirmation("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37fb");
    assert_eq!(site.sns(&good).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(impostor.count(), 1);
}

#[tokio::test]
async fn without_its_envelope_nothing_is_believed() {
    let (site, _impostor) = with_impostor(&known()).await;
    let bare = bounce("notificationType", "ana@example.org", "x@example.org");
    let (status, text) = site.sns(&bare).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(text.contains("raw message delivery is on"), "{text}");
    let message = signed(&site, |_| {}).to_string();
    let raw = site.post("ses", &[("x-amz-sns-rawdelivery", "true")], message).await;
    assert_eq!(raw.0, StatusCode::UNAUTHORIZED);
}
