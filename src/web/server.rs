//! Serves the pages on a port. Bounded in connections, in the time for a request's head, and in
//! each connection's whole life, so that nobody who dawdles keeps others out.

use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::frame::ANSWER_LIMIT;

/// Connections at once, and with HTTP/1 requests as well; further ones wait in the system's queue.
const CONNECTIONS: usize = 512;
/// How long the line and the header of a request may take; also how long a connection may idle.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// How large the line and the header of a request may be, in bytes.
const HEAD_SIZE: usize = 32 * 1024;
/// A connection's whole life. A request that is under way then still gets its answer.
const LIFE: Duration = Duration::from_secs(300);
/// How long to wait when the system gives us no further connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `router` on `listener` until `shutdown`, then takes no more connections, answers what is
/// under way, and returns when all are gone: at most half a minute later. Dropping the future cuts
/// everything off.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let service = TowerToHyperService::new(router);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => accepted,
            Some(_) = connections.join_next() => continue,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((socket, _)) => {
                connections.spawn(hold(socket, service.clone(), shutdown.clone()));
            }
            Err(error) => {
                // Out of descriptors, most often: some come back when connections end.
                tracing::warn!(%error, "no further HTTP connection can be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// One connection, to its end.
async fn hold(socket: TcpStream, service: TowerToHyperService<Router>, shutdown: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT).max_buf_size(HEAD_SIZE);
    let mut connection = pin!(http.serve_connection(TokioIo::new(socket), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = async { tokio::select! { () = shutdown.cancelled() => {}, () = tokio::time::sleep(LIFE) => {} } } => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(ANSWER_LIMIT, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}
