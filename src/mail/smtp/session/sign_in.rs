//! Who we are to the relay: AUTH PLAIN, LOGIN or XOAUTH2 (RFC 4954), in lettre's mechanisms.

use data_encoding::BASE64;
use lettre::transport::smtp::authentication::{Credentials as Secrets, Mechanism};

use super::super::classify::Step;
use super::super::settings::{Credentials, Proof};
use super::Session;
use super::answer::{Answer, Fault};

/// LOGIN asks twice; a server that asks for ever is cut off.
const CHALLENGES_MAX: usize = 4;

impl Session {
    /// Signs in, with a proof that is read now.
    pub(super) async fn sign_in(&mut self, credentials: &Credentials) -> Result<(), Answer> {
        let (usual, secret, none): (&[Mechanism], _, _) = match &credentials.proof {
            Proof::Password(password) => (
                &[Mechanism::Plain, Mechanism::Login],
                password.clone(),
                "the relay offers neither AUTH PLAIN nor LOGIN",
            ),
            Proof::Token(source) => (
                &[Mechanism::Xoauth2],
                source.read().map_err(|why| failed(&why))?,
                "the relay does not offer AUTH XOAUTH2",
            ),
        };
        let offered = |mechanism: &&Mechanism| self.offers.mechanisms.contains(mechanism);
        let mechanism = *usual.iter().find(offered).ok_or_else(|| failed(none))?;
        let secrets = Secrets::new(credentials.user.clone(), secret.reveal().to_owned());
        let mut command = format!("AUTH {mechanism}");
        if mechanism.supports_initial_response() {
            command.push(' ');
            command.push_str(&response(mechanism, &secrets, None)?);
        }
        for _ in 0..CHALLENGES_MAX {
            command.push_str("\r\n");
            let challenge = self.say(Step::Auth, command.as_bytes(), &[2, 3]).await?;
            if challenge.code != 334 {
                return Ok(());
            }
            command = if mechanism == Mechanism::Xoauth2 {
                // It tells what is wrong with the token, and wants an empty line before it refuses.
                String::new()
            } else {
                response(mechanism, &secrets, Some(challenge.text.trim()))?
            };
        }
        Err(failed("the relay does not stop asking for credentials"))
    }
}

/// The answer to a challenge, which comes and goes in Base64.
fn response(mechanism: Mechanism, secrets: &Secrets, challenge: Option<&str>) -> Result<String, Answer> {
    let unusual = || failed("the relay asks something else than user and password");
    let challenge = match challenge {
        None => None,
        Some(text) => {
            let bytes = BASE64.decode(text.as_bytes()).map_err(|_| unusual())?;
            Some(String::from_utf8(bytes).map_err(|_| unusual())?)
        }
    };
    let response = mechanism.response(secrets, challenge.as_deref()).map_err(|_| unusual())?;
    Ok(BASE64.encode(response.as_bytes()))
}

fn failed(what: &str) -> Answer {
    Answer::failed(Step::Auth, Fault::Nonsense, what)
}
