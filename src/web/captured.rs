//! The mails that the demo's own receiver caught: a list, and each mail in all its forms. Whoever
//! sent one may have meant harm, so its HTML form is cut off from our origin.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::routing::get;
use chrono::{DateTime, Utc};
use mail_parser::{Addr, Address, HeaderValue, Message, MessageParser};
use newsletterd_templates::content::Text;
use newsletterd_templates::pages::mailbox::{self, CapturedMail, MailView, MailboxView};
use serde::Deserialize;

use super::WebState;
use super::answer::{Answer, HTML, Kept, PLAIN, Policy};
use super::error::{Result, WebError};
use super::site::{path, site_view};
use crate::mail::receiver::{Capture, Captured};

/// Mails on one page of the list.
const PAGE: usize = 50;

/// What the page of a mail shows of its header.
const FIELDS: [&str; 9] = [
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/mailbox", get(list))
        .route("/mailbox/{number}", get(mail))
        .route("/mailbox/{number}/html", get(html))
        .route("/mailbox/{number}/text", get(text))
        .route("/mailbox/{number}/raw", get(raw))
}

type Number = std::result::Result<Path<u64>, PathRejection>;

#[derive(Default, Deserialize)]
struct Paging {
    /// Counts from 1.
    #[serde(default)]
    page: usize,
}

async fn list(
    State(state): State<WebState>,
    paging: std::result::Result<Query<Paging>, QueryRejection>,
) -> Result<Answer> {
    let page = paging.map_err(|_| WebError::NotFound)?.page.max(1);
    let skip = (page - 1).checked_mul(PAGE).ok_or(WebError::NotFound)?;
    let (total, mails) = blocking(&state, move |capture| {
        let (total, captured) = capture.newest(skip, PAGE)?;
        let mails =
            captured.into_iter().map(|one| Ok((capture.message(one.number)?.unwrap_or_default(), one)));
        Ok((total, mails.collect::<Result<Vec<(Vec<u8>, Captured)>>>()?))
    })
    .await?;
    let further = |page: usize| path(&state, format_args!("/mailbox?page={page}"));
    let view = MailboxView {
        site: site_view(&state),
        total: total as u64,
        mails: mails.iter().map(|(bytes, captured)| listed(&state, bytes, captured)).collect(),
        previous: (page > 1).then(|| further(page - 1)),
        next: (skip + mails.len() < total && !mails.is_empty()).then(|| further(page + 1)),
    };
    Ok(Answer::page(mailbox::list(&view), Kept::Never))
}

fn listed(state: &WebState, bytes: &[u8], captured: &Captured) -> CapturedMail {
    let message = MessageParser::default().parse_headers(bytes);
    CapturedMail {
        path: path(state, format_args!("/mailbox/{}", captured.number)),
        to: captured.envelope.rcpt_to.join(", ").into(),
        subject: subject(message.as_ref()),
        received: received(captured).unwrap_or_default().into(),
    }
}

/// The subject, or words to click on.
fn subject(message: Option<&Message<'_>>) -> Text {
    let subject = message.and_then(Message::subject).map(Text::new);
    subject.filter(|text| !text.is_empty()).unwrap_or_else(|| "(no subject)".into())
}

/// When the file was written; empty when the system does not know.
fn received(captured: &Captured) -> Option<String> {
    let written: DateTime<Utc> = std::fs::metadata(&captured.file).ok()?.modified().ok()?.into();
    Some(written.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

async fn mail(State(state): State<WebState>, number: Number) -> Result<Answer> {
    let Path(number) = number?;
    let (bytes, captured) = blocking(&state, move |capture| {
        let captured = capture.find(number)?.ok_or(WebError::NotFound)?;
        Ok((capture.message(number)?.ok_or(WebError::NotFound)?, captured))
    })
    .await?;
    let message = parsed(&bytes);
    let form = |form: &str| path(&state, format_args!("/mailbox/{number}/{form}"));
    let view = MailView {
        site: site_view(&state),
        subject: subject(message.as_ref()),
        fields: fields(message.as_ref(), &captured),
        html_path: message.as_ref().and_then(html_form).map(|_| form("html")),
        text_path: message.as_ref().and_then(text_form).map(|_| form("text")),
        raw_path: form("raw"),
        mailbox_path: path(&state, "/mailbox"),
    };
    Ok(Answer::page(mailbox::mail(&view), Kept::Never))
}

/// The envelope, then the fields of the header, decoded.
fn fields(message: Option<&Message<'_>>, captured: &Captured) -> Vec<(Text, Text)> {
    let envelope = &captured.envelope;
    let sender = envelope.mail_from.as_deref().unwrap_or("<>");
    let mut fields: Vec<(Text, Text)> = vec![
        ("Envelope sender".into(), sender.into()),
        ("Envelope recipients".into(), envelope.rcpt_to.join(", ").into()),
    ];
    let Some(message) = message else { return fields };
    for name in FIELDS {
        let value = match name {
            "Subject" => message.subject().map(str::to_owned),
            "From" | "Reply-To" | "To" | "List-Id" => {
                message.header(name).and_then(HeaderValue::as_address).map(mailboxes)
            }
            _ => message.header_raw(name).map(str::to_owned),
        };
        fields.extend(value.map(|value| (name.into(), Text::new(&value))));
    }
    fields
}

fn mailboxes(list: &Address<'_>) -> String {
    let one = |mailbox: &Addr<'_>| {
        let address = mailbox.address().unwrap_or_default();
        mailbox.name().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>"))
    };
    list.iter().map(one).collect::<Vec<_>>().join(", ")
}

async fn html(State(state): State<WebState>, number: Number) -> Result<Answer> {
    let bytes = message(&state, number).await?;
    let html = parsed(&bytes).as_ref().and_then(html_form).ok_or(WebError::NotFound)?;
    Ok(Answer { kind: HTML, kept: Kept::Never, policy: Policy::Mail, body: html.into() })
}

async fn text(State(state): State<WebState>, number: Number) -> Result<Answer> {
    let bytes = message(&state, number).await?;
    let text = parsed(&bytes).as_ref().and_then(text_form).ok_or(WebError::NotFound)?;
    Ok(Answer { kind: PLAIN, kept: Kept::Never, policy: Policy::Mail, body: text.into() })
}

/// The message as it came in, to be read and not to be opened by a mail program.
async fn raw(State(state): State<WebState>, number: Number) -> Result<Answer> {
    let bytes = message(&state, number).await?;
    Ok(Answer { kind: PLAIN, kept: Kept::Never, policy: Policy::Mail, body: bytes.into() })
}

/// The HTML part, when there is one: not the text in other clothes.
fn html_form(message: &Message<'_>) -> Option<String> {
    message
        .html_bodies()
        .find(|part| part.is_text_html())
        .and_then(|part| part.text_contents())
        .map(str::to_owned)
}

/// The text part, when there is one: not the HTML undressed.
fn text_form(message: &Message<'_>) -> Option<String> {
    message
        .text_bodies()
        .find(|part| part.is_text() && !part.is_text_html())
        .and_then(|part| part.text_contents())
        .map(str::to_owned)
}

/// `None` for what is no mail; its bytes can still be looked at.
fn parsed(bytes: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse(bytes)
}

async fn message(state: &WebState, number: Number) -> Result<Vec<u8>> {
    let Path(number) = number?;
    blocking(state, move |capture| capture.message(number)?.ok_or(WebError::NotFound)).await
}

/// Reads from the mailbox, off the threads that serve requests.
async fn blocking<T: Send + 'static>(
    state: &WebState,
    read: impl FnOnce(&Capture) -> Result<T> + Send + 'static,
) -> Result<T> {
    let capture = Arc::clone(state.mailbox.as_ref().ok_or(WebError::NotFound)?);
    tokio::task::spawn_blocking(move || read(&capture)).await.map_err(|_| WebError::Panicked)?
}
