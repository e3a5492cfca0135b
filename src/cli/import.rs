//! `newsletterd import articles|reads|subscribers`.

use std::path::PathBuf;

use chrono_tz::Tz;
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use url::Url;

use super::{Failure, context, output};
use crate::pipeline::Engine;
use crate::pipeline::import::{self, Mode, standing_name};
use crate::sources::articles::{self, ReadOptions};
use crate::sources::fetch::{Fetched, Validators};
use crate::sources::{reads, subscribers};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Articles: feeds (RSS, Atom, JSON Feed), JSON lines, CSV.
    Articles {
        /// Files, http(s) addresses, or - for standard input.
        #[arg(required = true)]
        inputs: Vec<String>,
        /// The source that they belong to.
        #[arg(long, default_value = "import")]
        source: String,
        /// What they are written in; guessed when it is left out.
        #[arg(long)]
        format: Option<ArticleFormat>,
        /// The language of articles that name none.
        #[arg(long)]
        language: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Read counts: CSV or JSON lines of address, hour and count; analytics reports saved as CSV;
    /// access logs.
    Reads {
        /// Files, http(s) addresses, or - for standard input.
        #[arg(required = true)]
        inputs: Vec<String>,
        /// The source that they belong to.
        #[arg(long, default_value = "import")]
        source: String,
        /// What they are; guessed when it is left out.
        #[arg(long)]
        format: Option<ReadsFormat>,
        /// The day of a table that names none: 2026-11-24.
        #[arg(long)]
        day: Option<chrono::NaiveDate>,
        #[command(flatten)]
        common: Common,
    },
    /// Subscribers: CSV of many shapes, or one mailbox a line.
    Subscribers {
        /// Files, http(s) addresses, or - for standard input.
        #[arg(required = true)]
        inputs: Vec<String>,
        /// The list that they go to.
        #[arg(long)]
        list: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The time zone of times that name none.
    #[arg(long, default_value = "UTC")]
    zone: Tz,
    /// Tells what would change, and changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Common {
    const fn mode(&self) -> Mode {
        if self.dry_run { Mode::DryRun } else { Mode::Real }
    }

    fn done(&self) -> &'static str {
        if self.dry_run { " (dry run: nothing was changed)" } else { "" }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ArticleFormat {
    /// RSS, RDF or Atom.
    Feed,
    /// JSON Feed.
    JsonFeed,
    /// One JSON object a line.
    JsonLines,
    /// A table with column names.
    Csv,
}

impl From<ArticleFormat> for articles::Format {
    fn from(format: ArticleFormat) -> Self {
        match format {
            ArticleFormat::Feed => Self::Feed,
            ArticleFormat::JsonFeed => Self::JsonFeed,
            ArticleFormat::JsonLines => Self::JsonLines,
            ArticleFormat::Csv => Self::Csv,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReadsFormat {
    /// Counts in a table.
    Table,
    /// A web server's access log.
    AccessLog,
}

impl From<ReadsFormat> for reads::Format {
    fn from(format: ReadsFormat) -> Self {
        match format {
            ReadsFormat::Table => Self::Table,
            ReadsFormat::AccessLog => Self::AccessLog,
        }
    }
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    let engine = context::engine(file.as_deref()).await?;
    let mut failures = Vec::new();
    let inputs = match &args.command {
        Command::Articles { inputs, .. }
        | Command::Reads { inputs, .. }
        | Command::Subscribers { inputs, .. } => inputs.clone(),
    };
    // One bad file never costs the others.
    for input in inputs {
        if let Err(failure) = one(&engine, &args.command, &input).await {
            output::note(format!("{input}: {}", failure.message))?;
            failures.push(input);
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(Failure::failed(format!("nothing was taken from: {}", failures.join(", "))))
}

async fn one(engine: &Engine, command: &Command, input: &str) -> Result<(), Failure> {
    let document = Document::read(engine, input).await?;
    match command {
        Command::Articles { source, format, language, common, .. } => {
            articles_in(engine, &document, source, *format, language.clone(), common).await
        }
        Command::Reads { source, format, day, common, .. } => {
            reads_in(engine, &document, source, *format, *day, common).await
        }
        Command::Subscribers { list, common, .. } => subscribers_in(engine, &document, list, common).await,
    }
}

/// A file, an address, or standard input, read whole.
struct Document {
    name: String,
    bytes: Vec<u8>,
    content_type: Option<String>,
    url: Option<Url>,
}

impl Document {
    async fn read(engine: &Engine, input: &str) -> Result<Self, Failure> {
        if input.starts_with("http://") || input.starts_with("https://") {
            return match engine.fetcher.get(input, &Validators::default()).await.map_err(Failure::failed)? {
                Fetched::Body { bytes, content_type, final_url, .. } => {
                    Ok(Self { name: input.to_owned(), bytes, content_type, url: Some(final_url) })
                }
                Fetched::NotModified => Err(Failure::failed("the server sent nothing")),
            };
        }
        // One byte more than any reader takes, so that each can say that it is too large.
        let limit = subscribers::FILE_MAX as u64 + 1;
        let mut bytes = Vec::new();
        if input == "-" {
            tokio::io::stdin().take(limit).read_to_end(&mut bytes).await?;
        } else {
            tokio::fs::File::open(input).await?.take(limit).read_to_end(&mut bytes).await?;
        }
        Ok(Self { name: input.to_owned(), bytes, content_type: None, url: None })
    }
}

async fn articles_in(
    engine: &Engine,
    document: &Document,
    source: &str,
    format: Option<ArticleFormat>,
    language: Option<String>,
    common: &Common,
) -> Result<(), Failure> {
    let format = match format {
        Some(format) => format.into(),
        None => {
            articles::Format::guess(&document.bytes, Some(&document.name), document.content_type.as_deref())
                .map_err(Failure::failed)?
        }
    };
    let options =
        ReadOptions { base_url: document.url.clone(), zone: common.zone, now: engine.clock.now(), language };
    let file = articles::read(&document.bytes, format, &options).map_err(Failure::failed)?;
    for problem in &file.problems {
        output::note(format!("{}: {}: {}", document.name, problem.place, problem.message))?;
    }
    let counts = import::articles(engine, source, &file.articles, common.mode()).await?;
    if common.json {
        for article in &file.articles {
            let content = &article.content;
            output::json(&json!({
                "external_id": article.external_id, "title": content.title, "url": article.url,
                "published": content.published_at, "updated": content.updated_at,
                "image": content.image.as_ref().map(|image| &image.url), "language": content.language,
                "summary": content.summary, "section": content.section, "authors": content.authors,
                "tags": content.tags, "flagged": article.flagged, "status": content.status, "access": content.access,
                "embargo_until": content.embargo_until,
            }))?;
        }
    }
    output::note(format!(
        "{}: {} articles: {} new, {} updated, {} unchanged{}",
        document.name,
        file.articles.len(),
        counts.new,
        counts.updated,
        counts.unchanged,
        common.done()
    ))?;
    Ok(())
}

async fn reads_in(
    engine: &Engine,
    document: &Document,
    source: &str,
    format: Option<ReadsFormat>,
    day: Option<chrono::NaiveDate>,
    common: &Common,
) -> Result<(), Failure> {
    let format = match format {
        Some(format) => format.into(),
        None => reads::Format::guess(&document.bytes).map_err(Failure::failed)?,
    };
    let options = reads::ReadOptions {
        site_host: engine.config.site.url.host_str().map(str::to_owned),
        zone: common.zone,
        now: engine.clock.now(),
        day,
        rules: engine.config.site.page_keys(),
    };
    let file = reads::read(&document.bytes, format, &options).map_err(Failure::failed)?;
    for problem in &file.problems {
        output::note(format!("{}: {}: {}", document.name, problem.place, problem.message))?;
    }
    if file.more_problems > 0 {
        output::note(format!("{}: and {} more", document.name, file.more_problems))?;
    }
    let summary = import::reads(engine, source, &file, common.mode()).await?;
    if common.json {
        for count in &file.part.counts {
            output::json(count)?;
        }
    }
    for page in &summary.unmatched {
        output::note(format!("{}: not matched: {page} belongs to no known article", document.name))?;
    }
    output::note(format!(
        "{}: {} views in {} counts; left out: {} of machines, {} not pages, {} not reads, {} from our own mail{}",
        document.name,
        output::grouped(summary.views),
        summary.counts,
        file.skipped.machines,
        file.skipped.not_pages,
        file.skipped.not_reads,
        file.skipped.own_mail,
        common.done()
    ))?;
    Ok(())
}

async fn subscribers_in(
    engine: &Engine,
    document: &Document,
    list: &str,
    common: &Common,
) -> Result<(), Failure> {
    let options = subscribers::ReadOptions { zone: common.zone, now: engine.clock.now() };
    let file = subscribers::read(&document.bytes, &options).map_err(Failure::failed)?;
    for finding in &file.findings.listed {
        output::note(format!("{}: {}: {}", document.name, finding.problem.place, finding.problem.message))?;
    }
    if common.json {
        for row in &file.rows {
            output::json(&json!({
                "line": row.line, "address": row.address, "name": row.name, "state": standing_name(row.standing),
                "language": row.language, "created": row.created_at,
            }))?;
        }
    }
    let counts = import::subscribers(engine, list, &file, &document.name, common.mode()).await?;
    let refused: Vec<_> = counts.refused.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    output::note(format!(
        "{}: {} rows: {} activated, {} pending, {} known only, {} ended, {} suppressed, {} unchanged{}{}",
        document.name,
        file.total_rows,
        counts.activated,
        counts.pending,
        counts.known,
        counts.ended,
        counts.suppressed,
        counts.unchanged,
        if refused.is_empty() { String::new() } else { format!("; not revived: {}", refused.join(", ")) },
        common.done()
    ))?;
    Ok(())
}
