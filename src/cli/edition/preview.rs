//! `newsletterd edition preview` and `edition test`: the letter as it would be sent, by the same
//! path.

use std::path::Path;

use newsletterd_templates::{letter, mails};
use serde_json::json;

use crate::cli::{Failure, output};
use crate::config::Newsletter;
use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::ids::{EditionId, SubscriberId};
use crate::domain::mail::MailKind;
use crate::domain::revision::Content;
use crate::mail::letter::{PlaceValues, message_id};
use crate::pipeline::{Engine, compile, control, lock, newsletter_of, outbox, render};
use crate::store::mails::{self as store, NewMail};
use crate::store::{content, editions::Edition};

/// The edition with the content that it has now: its revision's, else its draft's.
async fn current(engine: &Engine, id: EditionId) -> Result<(Edition, Newsletter, Content), Failure> {
    let mut tx = engine.db.read().await?;
    let edition = control::edition(&mut tx, id).await?;
    let newsletter = newsletter_of(&edition)?;
    if let Some(no) = edition.current_rev
        && let Some(revision) = content::revision(&mut tx, id, no).await?
    {
        let content = serde_json::from_value(revision.content).map_err(Failure::failed)?;
        return Ok((edition, newsletter, content));
    }
    let now = engine.clock.now();
    let (compiled, material) = compile::preview(engine, &mut tx, &edition, now).await?;
    let content = lock::fix(engine, &edition, &newsletter, &compiled.blocks, &material, now);
    Ok((edition, newsletter, content))
}

pub async fn run(engine: &Engine, id: EditionId, dir: &Path) -> Result<(), Failure> {
    let (edition, newsletter, content) = current(engine, id).await?;
    let encoded = render::letter(engine, &newsletter, &content, id)?;
    // A subscriber whom nobody is: the links in the preview lead nowhere.
    let nobody = SubscriberId(0);
    let example = EmailAddress::parse("reader@example.org").map_err(Failure::failed)?;
    let base = engine.config.web.public_url.as_str().trim_end_matches('/');
    let url = format!("{base}/unsubscribe/preview");
    let message = encoded
        .fill(&PlaceValues {
            to: Mailbox { name: None, address: example },
            message_id: message_id(id, edition.opened_at, nobody, newsletter.from.address.domain()),
            date: engine.clock.now().with_timezone(&newsletter.zone()).fixed_offset(),
            unsubscribe_url: url.clone(),
            preferences_url: format!("{base}/preferences/preview"),
            one_click_url: url,
        })
        .map_err(Failure::failed)?;
    let view = render::view(&content, &newsletter, &engine.config.site, engine.links(), id).public();
    std::fs::create_dir_all(dir)?;
    for (name, bytes) in [
        ("letter.html", encoded.web_html.as_bytes()),
        ("letter.txt", letter::text(&view).as_bytes()),
        ("letter.eml", &message),
    ] {
        let path = dir.join(name);
        std::fs::write(&path, bytes)?;
        output::line(path.display().to_string())?;
    }
    output::note(format!("{}: {} bytes of HTML as sent", content.subject, encoded.html_size))?;
    Ok(())
}

pub async fn test(engine: &Engine, id: EditionId, to: &[EmailAddress]) -> Result<(), Failure> {
    let (_, newsletter, content) = current(engine, id).await?;
    let view = render::view(&content, &newsletter, &engine.config.site, engine.links(), id).public();
    let marked = mails::test::marked(&view);
    let from = match &newsletter.from.name {
        Some(name) => {
            format!("\"{}\" <{}>", name.replace(['\\', '"'], ""), newsletter.from.address.as_string())
        }
        None => newsletter.from.address.as_string(),
    };
    let params = json!({
        "from": from, "subject": marked.subject.as_str(), "html": letter::html(&marked), "text": letter::text(&marked),
    });
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    for address in to {
        let recipient = address.as_string();
        let key = format!("test:{id}:{recipient}:{}", now.timestamp_millis());
        let mail = NewMail { kind: MailKind::Test, recipient: &recipient, params: &params, dedupe_key: &key };
        store::add(&mut tx, &mail, now).await?;
    }
    tx.commit().await?;
    // A daemon that runs may be faster; either sends each once.
    outbox::send_due(engine).await?;
    output::note(format!("{} tests of edition {id} are on their way", to.len()))?;
    Ok(())
}
