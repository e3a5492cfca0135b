//! `newsletterd edition preview` and `edition test`: the letter as it would be sent, by the same
//! path.

use std::path::PathBuf;

use newsletterd_templates::gallery::Variant;
use newsletterd_templates::{letter, mails};
use serde_json::json;

use crate::cli::{Failure, letter as letter_check, output};
use crate::domain::address::EmailAddress;
use crate::domain::ids::EditionId;
use crate::domain::mail::MailKind;
use crate::pipeline::{Engine, newsletter_of, outbox, preview, render};
use crate::store::mails::{self as store, NewMail};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which edition.
    #[arg(required_unless_present = "newsletter", conflicts_with = "newsletter")]
    id: Option<EditionId>,
    /// The next edition of this newsletter, compiled now; nothing is changed.
    #[arg(long)]
    newsletter: Option<String>,
    /// Sample content instead of the newsletter's own: normal, one-story, twenty-stories,
    /// long-titles, no-pictures or hostile-titles.
    #[arg(long, requires = "newsletter", num_args = 0..=1, default_missing_value = "normal", value_name = "VARIANT", value_parser = variant)]
    sample: Option<Variant>,
    /// The folder to write to.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
}

fn variant(name: &str) -> Result<Variant, String> {
    let names = || Variant::ALL.map(Variant::as_str).join(", ");
    let known = Variant::ALL.into_iter().find(|variant| variant.as_str() == name);
    known.ok_or_else(|| format!("there are: {}", names()))
}

pub async fn run(engine: &Engine, args: Args) -> Result<(), Failure> {
    let preview = match (args.id, &args.newsletter, args.sample) {
        (Some(id), _, _) => preview::of_edition(engine, id).await?,
        (None, Some(name), Some(variant)) => preview::of_sample(engine, name, variant)?,
        (None, Some(name), None) => preview::of_next(engine, name).await?,
        (None, None, _) => return Err(Failure::usage("name an edition or a newsletter")),
    };
    let (drawn, missing) = preview::self_contained(engine, &preview.html).await;
    std::fs::create_dir_all(&args.dir)?;
    for (name, bytes) in [
        ("letter.html", preview.html.as_bytes()),
        ("letter.txt", preview.text.as_bytes()),
        ("letter.eml", &preview.message),
        ("letter-web.html", preview.web_html.as_bytes()),
        ("letter-png.html", drawn.as_bytes()),
    ] {
        let path = args.dir.join(name);
        std::fs::write(&path, bytes)?;
        output::line(path.display().to_string())?;
    }
    output::note(format!("{}: {} bytes of HTML as sent", preview.subject, preview.html_size))?;
    for finding in &preview.judgement.findings {
        let (severity, point) = (finding.severity.as_str(), finding.point);
        output::note(format!("{severity}: {point}: {}: {}", finding.place, finding.message))?;
    }
    output::note(format!("check: {}", letter_check::summary(&preview.judgement)))?;
    if missing > 0 {
        output::note(format!("{missing} pictures could not be had and keep their address"))?;
    }
    let (png, page) = (args.dir.join("letter.png"), args.dir.join("letter-png.html"));
    output::note(format!(
        "a picture of it: chromium --headless --hide-scrollbars --window-size=640,3000 --screenshot={} {}",
        png.display(),
        page.display()
    ))?;
    Ok(())
}

pub async fn test(engine: &Engine, id: EditionId, to: &[EmailAddress]) -> Result<(), Failure> {
    let edition = preview::with_pictures(engine, id).await?;
    let newsletter = newsletter_of(&edition)?;
    let mut tx = engine.db.read().await?;
    let content = preview::content_of(engine, &mut tx, &edition).await?;
    drop(tx);
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
