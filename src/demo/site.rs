//! The paper's own site, so that the links in its letters lead somewhere: a front page in each
//! language, a page for each story, the appeal, and the pictures, which are drawn when asked for.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use newsletterd_templates::content::{Text, WebLink};
use newsletterd_templates::pages::SiteView;
use newsletterd_templates::pages::news::{self, NewsView, PictureView};
use newsletterd_templates::pages::notice::{self, Notice};
use url::Url;

use super::newsroom::{DemoNewsletter, DemoPicture, Newsroom};
use crate::config;
use crate::domain::article::{ArticleContent, IncomingArticle};
use crate::pipeline::render::strings_of;

/// What the paper's pages may load: our style sheet and pictures.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Pictures and pages stay the same while the demo runs, and are not worth keeping longer.
const KEPT: &str = "private, max-age=300";

#[derive(Clone)]
struct Paper {
    newsroom: Arc<Newsroom>,
    site: Url,
}

/// The paper's pages, below the root of its site.
pub fn routes(newsroom: Arc<Newsroom>, site: &config::Site) -> Router {
    Router::new()
        .route("/{language}/", get(front))
        .route("/{language}/membership/", get(appeal))
        .route("/{language}/{story}/", get(story))
        .route("/pictures/{file}", get(picture))
        .with_state(Paper { newsroom, site: site.url.clone() })
}

impl Paper {
    fn newsletter(&self, language: &str) -> Option<&DemoNewsletter> {
        self.newsroom.newsletters.iter().find(|newsletter| newsletter.language.as_str() == language)
    }

    fn story(&self, url: &str) -> Option<&IncomingArticle> {
        self.newsroom.articles.iter().find(|article| article.url.as_deref() == Some(url))
    }

    /// The frame of all pages in a newsletter's language.
    fn page(&self, newsletter: &DemoNewsletter, title: &str) -> NewsView {
        let front = self.site.join(&format!("{}/", newsletter.language)).ok();
        NewsView {
            strings: strings_of(newsletter.language),
            site: SiteView {
                name: Text::new(&newsletter.newspaper),
                url: front.and_then(|url| WebLink::parse(url.as_str())),
                base_path: String::new(),
            },
            title: Text::new(title),
            kicker: None,
            picture: None,
            text: Vec::new(),
            authors: Vec::new(),
            links: Vec::new(),
        }
    }
}

async fn front(State(paper): State<Paper>, Path(language): Path<String>) -> Response {
    let Some(newsletter) = paper.newsletter(&language) else { return nothing(&paper, &language) };
    let of_language = |article: &&IncomingArticle| article.content.language.as_deref() == Some(&*language);
    let articles = paper.newsroom.articles.iter().filter(of_language);
    let links = articles.filter_map(link).collect();
    html(news::html(&NewsView { links, ..paper.page(newsletter, &newsletter.newspaper) }))
}

async fn appeal(State(paper): State<Paper>, Path(language): Path<String>) -> Response {
    let Some(newsletter) = paper.newsletter(&language) else { return nothing(&paper, &language) };
    let text = Text::paragraphs(&newsletter.appeal.text);
    html(news::html(&NewsView { text, ..paper.page(newsletter, &newsletter.appeal.title) }))
}

async fn story(State(paper): State<Paper>, Path((language, key)): Path<(String, String)>) -> Response {
    let Some(newsletter) = paper.newsletter(&language) else { return nothing(&paper, &language) };
    let Some(article) = paper.story(&format!("{}{language}/{key}/", paper.site)) else {
        return nothing(&paper, &language);
    };
    let ArticleContent { title, summary, section, authors, image, related, .. } = &article.content;
    let picture = image.as_ref().and_then(|image| {
        let path = Url::parse(&image.url).ok()?.path().to_owned();
        Some(PictureView { path, alt: Text::new(&image.alt), size: image.width.zip(image.height)? })
    });
    html(news::html(&NewsView {
        kicker: section.as_deref().map(Text::new),
        picture,
        text: vec![Text::new(summary)],
        authors: authors.iter().map(|author| Text::new(author)).collect(),
        links: related.iter().filter_map(|url| paper.story(url)).filter_map(link).collect(),
        ..paper.page(newsletter, title)
    }))
}

/// The path of a story's page, and its headline.
fn link(article: &IncomingArticle) -> Option<(String, Text)> {
    let url = Url::parse(article.url.as_deref()?).ok()?;
    Some((url.path().to_owned(), Text::new(&article.content.title)))
}

async fn picture(State(paper): State<Paper>, Path(file): Path<String>) -> Response {
    let named = |picture: &&DemoPicture| file.strip_suffix(".png") == Some(picture.name.as_str());
    let Some(picture) = paper.newsroom.pictures.iter().find(named).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match tokio::task::spawn_blocking(move || picture.png()).await {
        Ok(Ok(png)) => ([(CONTENT_TYPE, "image/png"), (CACHE_CONTROL, KEPT)], png).into_response(),
        Ok(Err(_)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn html(page: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, KEPT),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, page).into_response()
}

/// A page that says that there is none, in the language that was asked for where it is one of ours.
fn nothing(paper: &Paper, language: &str) -> Response {
    let newsletter = paper.newsletter(language).or(paper.newsroom.newsletters.first());
    let Some(newsletter) = newsletter else { return StatusCode::NOT_FOUND.into_response() };
    let NewsView { strings, site, .. } = paper.page(newsletter, "");
    (StatusCode::NOT_FOUND, html(notice::html(strings, &site, Notice::NotFound))).into_response()
}
