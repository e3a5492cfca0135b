//! A web server with pictures for `pictures.example.org`, and the fetcher that finds it there.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse as _;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use newsletterd::sources::fetch::{FetchRules, Fetcher, Resolver};

/// A photograph of nothing, with grain, so that it is as large as one.
fn grain(width: u32, height: u32) -> DynamicImage {
    let mut state = 1_u32;
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let part = |at: u32, of: u32| u8::try_from(at * 190 / of + (state >> 26)).unwrap();
        Rgb([part(x, width), part(y, height), part(x + y, width + height)])
    }))
}

/// A JPEG of four megabytes, drawn once.
pub fn hero() -> &'static [u8] {
    static HERO: OnceLock<Vec<u8>> = OnceLock::new();
    HERO.get_or_init(|| {
        let mut file = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 95);
        encoder.encode_image(&grain(3200, 2100)).unwrap();
        assert!(file.len() > 4_000_000, "{}", file.len());
        file
    })
}

fn webp() -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    grain(700, 400).write_to(&mut file, ImageFormat::WebP).unwrap();
    file.into_inner()
}

/// The server: `/hero.jpg`, `/photo.webp`, `/slow.jpg` (never answers), `/inside.jpg` (redirects to
/// a private address), `/page.html`; all else is missing until [`PictureSite::repair`].
pub struct PictureSite {
    pub address: SocketAddr,
    pub fetcher: Fetcher,
    asked: Arc<AtomicUsize>,
    repaired: Arc<AtomicBool>,
}

impl PictureSite {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, repaired) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counter, is_repaired) = (Arc::clone(&asked), Arc::clone(&repaired));
        let app = axum::Router::new().fallback(move |uri: Uri| {
            counter.fetch_add(1, Ordering::SeqCst);
            let is_repaired = is_repaired.load(Ordering::SeqCst);
            async move {
                match uri.path() {
                    "/hero.jpg" => hero().into_response(),
                    "/photo.webp" => webp().into_response(),
                    "/missing.jpg" if is_repaired => webp().into_response(),
                    "/slow.jpg" => {
                        tokio::time::sleep(Duration::from_secs(600)).await;
                        StatusCode::OK.into_response()
                    }
                    "/inside.jpg" => {
                        let to = format!("http://127.0.0.1:{}/hero.jpg", address.port());
                        (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
                    }
                    "/page.html" => "<!doctype html><title>Sign in".into_response(),
                    _ => StatusCode::NOT_FOUND.into_response(),
                }
            }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        let rules =
            FetchRules { allow_hosts: vec!["pictures.example.org".to_owned()], ..FetchRules::default() };
        let table = BTreeMap::from([("pictures.example.org".to_owned(), vec![address])]);
        let fetcher = Fetcher::with_resolver(rules, Resolver::Fixed(table)).unwrap();
        Self { address, fetcher, asked, repaired }
    }

    /// The address of a picture.
    pub fn url(&self, path: &str) -> String {
        format!("http://pictures.example.org:{}{path}", self.address.port())
    }

    /// How many requests came.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Puts back what was missing, or takes it away again.
    pub fn repair(&self, repaired: bool) {
        self.repaired.store(repaired, Ordering::SeqCst);
    }
}
