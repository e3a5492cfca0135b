//! Providers' calls, on the real router over a real database. The samples are written after the
//! providers' documentation and signed with keys made here.

mod effects;
mod limits;
mod providers;
mod sns;
mod sns_refused;

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use newsletterd::sources::fetch::Fetcher;
use newsletterd::store::reports::{self, Asked, Shown};
use newsletterd::web::ops::Health;
use newsletterd::web::webhooks::Certificates;
use newsletterd::web::{WebState, router};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::support::engine::{NO_RELAY, TestEngine, daily_config};

/// The secret of the webhooks that have one.
const SECRET: &str = "open:sesame";

/// A newsroom with a webhook of each kind, named like its kind.
struct Hooked {
    test: TestEngine,
    router: Router,
    sendgrid: EcdsaKeyPair,
    secrets: TempDir,
}

/// What was answered.
type Answer = (StatusCode, String);

impl Hooked {
    async fn new() -> Self {
        Self::over(NO_RELAY, false, |state| state, None).await.unwrap()
    }

    /// One on each database that there is, with certificates that are known.
    async fn on_each_database(certificates: &Certificates) -> Vec<Self> {
        Self::on_each_database_over(NO_RELAY, certificates).await
    }

    /// As [`Self::on_each_database`], with a relay to send through.
    async fn on_each_database_over(relay: SocketAddr, certificates: &Certificates) -> Vec<Self> {
        let known = |state: WebState| state.with_certificates(certificates.clone());
        let mut all = Vec::new();
        for postgres in [false, true] {
            all.extend(Self::over(relay, postgres, known, None).await);
        }
        all
    }

    async fn over(
        relay: SocketAddr,
        postgres: bool,
        adapt: impl Fn(WebState) -> WebState,
        fetcher: Option<Fetcher>,
    ) -> Option<Self> {
        let secrets = tempfile::tempdir().unwrap();
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random).unwrap();
        let config = config(relay, &secrets, &key);
        let mut test =
            if postgres { TestEngine::postgres(&config).await? } else { TestEngine::sqlite(&config).await };
        if let Some(fetcher) = fetcher {
            test.engine.fetcher = fetcher;
        }
        let state = adapt(WebState::new(test.engine.clone(), Health::new(true)));
        Some(Self { router: router(state), test, sendgrid: key, secrets })
    }

    async fn post(&self, name: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method("POST").uri(format!("/webhooks/{name}"));
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// All reports that were kept, newest first.
    async fn kept(&self) -> Vec<Shown> {
        let mut tx = self.test.engine.db.read().await.unwrap();
        reports::list(&mut tx, &Asked { kind: None, unattributed: false, limit: 1000 }).await.unwrap()
    }

    fn now(&self) -> i64 {
        self.test.engine.clock.now().timestamp()
    }
}

fn config(relay: SocketAddr, secrets: &TempDir, sendgrid: &EcdsaKeyPair) -> String {
    let file = secrets.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    // RFC 5480: what stands before the point of a key on P-256.
    let prefix = data_encoding::BASE64.decode(b"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgA=").unwrap();
    let key = data_encoding::BASE64.encode(&[&prefix, sendgrid.public_key().as_ref()].concat());
    let mut config = daily_config(relay);
    for kind in ["mailgun", "postmark", "brevo", "generic"] {
        let section =
            format!("\n[[bounces.webhooks]]\nname = \"{kind}\"\nkind = \"{kind}\"\nsecret_file = {file:?}\n");
        config.push_str(&section);
    }
    config.push_str(&format!(
        "\n[[bounces.webhooks]]\nname = \"sendgrid\"\nkind = \"sendgrid\"\npublic_key = \"{key}\"\n\
         \n[[bounces.webhooks]]\nname = \"ses\"\nkind = \"ses\"\ntopics = [\"{}\"]\n",
        sns::TOPIC
    ));
    config
}
