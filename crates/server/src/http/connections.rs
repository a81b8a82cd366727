//! Connections: accepted within their limit, cut off when they are slow, drained at the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_io_timeout::TimeoutStream;

use crate::error::Error;
use crate::http::answers;
use crate::http::rate::AddressRates;
use crate::limits::{DRAIN_TIMEOUT, HEADER_BYTES, HEADERS, WRITE_TIMEOUT};
use crate::metrics::Metrics;
use crate::settings::Capacity;

/// How long accepting pauses when the operating system has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a connection over the limit is told before it is closed.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: application/json\r\n\
Access-Control-Allow-Origin: *\r\nContent-Length: 55\r\nConnection: close\r\n\r\n\
{\"message\":\"the server is busy: too many connections\"}\n";

/// Serves connections until told to stop, then lets those under way finish what they are at.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    capacity: Capacity,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) {
    let rates = AddressRates::new(capacity.address_requests_per_second).map(Arc::new);
    let places = Arc::new(Semaphore::new(capacity.connections));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = is_told(&mut stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        match places.clone().try_acquire_owned() {
            Ok(place) => {
                let connection = Connection {
                    router: router.clone(),
                    capacity,
                    metrics: metrics.clone(),
                    rates: rates.clone(),
                    peer,
                    stop: stop.clone(),
                    place,
                };
                tokio::spawn(connection.serve(stream));
            }
            Err(_) => {
                metrics.count_refused("busy");
                tokio::spawn(turn_away(stream));
            }
        }
    }
    drop(listener);
    let all = u32::try_from(capacity.connections).unwrap_or(u32::MAX);
    if tokio::time::timeout(DRAIN_TIMEOUT, places.acquire_many(all)).await.is_err() {
        tracing::warn!("some connections did not end in time and were cut off");
    }
}

/// Waits until the server is told to stop. What the channel gives out would keep it locked, so it goes at once.
async fn is_told(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|&stop| stop).await);
}

async fn turn_away(mut stream: TcpStream) {
    // A client that does not even take this is none of our concern.
    let _gone = tokio::time::timeout(Duration::from_secs(1), stream.write_all(TOO_MANY)).await;
}

struct Connection {
    router: Router,
    capacity: Capacity,
    metrics: Arc<Metrics>,
    rates: Option<Arc<AddressRates>>,
    peer: SocketAddr,
    stop: watch::Receiver<bool>,
    place: OwnedSemaphorePermit,
}

impl Connection {
    async fn serve(mut self, stream: TcpStream) {
        self.metrics.connections.inc();
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let router = TowerToHyperService::new(self.router);
        let rates = self.rates;
        let metrics = self.metrics.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let is_collection = request.uri().path().starts_with("/api/");
            let is_refused = is_collection
                && rates.as_ref().is_some_and(|rates| !rates.allows(self.peer.ip(), Instant::now()));
            let answered = (!is_refused).then(|| router.call(request));
            if is_refused {
                metrics.count_refused(Error::TooManyRequests.answer().reason);
            }
            async move {
                match answered {
                    Some(answered) => answered.await,
                    None => Ok(answers::allow_any_origin(answers::error(&Error::TooManyRequests))),
                }
            }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.capacity.idle_timeout)
            .max_buf_size(HEADER_BYTES)
            .max_headers(HEADERS)
            .half_close(false);
        let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        let early = tokio::select! {
            outcome = connection.as_mut() => Some(outcome),
            () = is_told(&mut self.stop) => None,
        };
        let outcome = match early {
            Some(outcome) => outcome,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "a connection ended early");
        }
        self.metrics.connections.dec();
        drop(self.place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_a_full_server_has_the_length_that_it_says() {
        let text = std::str::from_utf8(TOO_MANY).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{}", body.len());
    }
}
