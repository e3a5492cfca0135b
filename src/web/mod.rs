//! stub
pub mod ops;
/// x
#[derive(Clone)]
pub struct WebState;
impl WebState {
    /// x
    pub fn new(_: crate::pipeline::Engine, _: ops::Health) -> Self {
        Self
    }
}
/// x
pub fn router(_: WebState) -> axum::Router {
    axum::Router::new()
}
/// x
pub async fn serve(l: tokio::net::TcpListener, r: axum::Router, s: tokio_util::sync::CancellationToken) {
    let _ = axum::serve(l, r).with_graceful_shutdown(async move { s.cancelled().await }).await;
}
