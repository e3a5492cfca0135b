//! `newsletterd pick`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, context, output};
use crate::domain::selection::{Item, Overrides, Target};
use crate::pipeline::{Engine, curate};
use crate::store::articles;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Adds a story to the picks of the newsletter's next edition.
    Add {
        /// Which newsletter.
        newsletter: String,
        /// The story's address, or its number.
        story: String,
        /// Where, from 1; at the end when it is left out.
        #[arg(long)]
        position: Option<usize>,
        #[command(flatten)]
        words: Words,
    },
    /// Takes a story out of the picks.
    Remove {
        /// Which newsletter.
        newsletter: String,
        /// Its place, from 1.
        position: usize,
    },
    /// Moves a story within the picks.
    Move {
        /// Which newsletter.
        newsletter: String,
        /// Its place, from 1.
        from: usize,
        /// Its new place.
        to: usize,
    },
    /// Changes the words of a pick, for this edition alone; an empty text takes yours back.
    Edit {
        /// Which newsletter.
        newsletter: String,
        /// Its place, from 1.
        position: usize,
        #[command(flatten)]
        words: Words,
    },
}

#[derive(Debug, clap::Args)]
struct Words {
    /// In place of the title.
    #[arg(long)]
    headline: Option<String>,
    /// In place of the summary.
    #[arg(long)]
    blurb: Option<String>,
    /// Above the headline.
    #[arg(long)]
    kicker: Option<String>,
    /// The address of another picture.
    #[arg(long)]
    image: Option<String>,
    /// What the picture shows.
    #[arg(long)]
    alt: Option<String>,
}

impl From<Words> for Overrides {
    fn from(words: Words) -> Self {
        Self {
            headline: words.headline,
            summary: words.blurb,
            kicker: words.kicker,
            image_url: words.image,
            image_alt: words.alt,
        }
    }
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    let engine = context::engine(file.as_deref()).await?;
    let (newsletter, edit) = match args.command {
        Command::Add { newsletter, story, position, words } => {
            (newsletter, curate::Edit::Add { what: story, position, overrides: words.into() })
        }
        Command::Remove { newsletter, position } => (newsletter, curate::Edit::Remove { position }),
        Command::Move { newsletter, from, to } => (newsletter, curate::Edit::Move { from, to }),
        Command::Edit { newsletter, position, words } => {
            (newsletter, curate::Edit::Words { position, overrides: words.into() })
        }
    };
    let (edition, picks) = curate::edit(&engine, &newsletter, edit, &context::operator()).await?;
    output::note(format!(
        "edition {} of {newsletter}, {}:",
        edition.id,
        edition.send_at.format("%Y-%m-%d %H:%M UTC")
    ))?;
    for (n, item) in picks.iter().enumerate() {
        output::line(format!("{}. {}", n + 1, headline(&engine, item).await?))?;
    }
    Ok(())
}

async fn headline(engine: &Engine, item: &Item) -> Result<String, Failure> {
    if let Some(headline) = &item.overrides.headline {
        return Ok(headline.clone());
    }
    Ok(match &item.target {
        Target::External(url) => url.clone(),
        Target::Article(id) => {
            let mut tx = engine.db.read().await?;
            articles::get(&mut tx, *id)
                .await?
                .map_or_else(|| format!("article {id}"), |article| article.content.title)
        }
    })
}
