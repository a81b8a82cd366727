//! Connections: accepted within their limit, cut off when they are slow, drained at the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

use crate::app::App;
use crate::http::wire::caller::Caller;
use crate::http::wire::dispatch::Dispatcher;
use crate::http::wire::idle::Activity;
use crate::http::wire::lingering::Lingering;
use crate::http::wire::rate::AddressRates;
use crate::http::wire::router::router;
use playhead_node::ingest::addresses::ClientAddress;
use playhead_node::limits::{
    CONNECTIONS_PART_FOR_STARTS, DRAIN_TIMEOUT, HEADER_BYTES, HEADERS, TURNED_AWAY, WRITE_TIMEOUT,
};
use playhead_node::reason::Reason;
use playhead_node::stop::is_told;

/// How long accepting pauses when the operating system has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a connection over the limit is told before it is closed.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: application/json\r\n\
X-Content-Type-Options: nosniff\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: OPTIONS,POST,PUT\r\n\
Access-Control-Allow-Headers: Content-Type\r\nAccess-Control-Expose-Headers: Location\r\nContent-Length: 55\r\nConnection: close\r\n\r\n\
{\"message\":\"the server is busy: too many connections\"}\n";

/// Serves connections until told to stop, then lets those under way finish what they are at.
pub(crate) async fn serve(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let router = router(app.clone());
    let capacity = app.node.settings.capacity;
    let rates = AddressRates::new(capacity.address_requests_per_second).map(Arc::new);
    let places = Arc::new(Semaphore::new(capacity.connections));
    let places_to_be_told = Arc::new(Semaphore::new(TURNED_AWAY));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_ended) = connections.join_next() => continue,
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
                let for_starts = capacity.connections / CONNECTIONS_PART_FOR_STARTS;
                let connection = Connection {
                    is_on_last: places.available_permits() < for_starts,
                    app: app.clone(),
                    router: router.clone(),
                    rates: rates.clone(),
                    peer,
                    stop: stop.clone(),
                    place,
                };
                connections.spawn(connection.serve(stream));
            }
            Err(_) => {
                app.node.telemetry.count_refused(Reason::Busy);
                if let Ok(place) = places_to_be_told.clone().try_acquire_owned() {
                    tokio::spawn(turn_away(Lingering::new(stream, stop.clone()), place));
                }
            }
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN_TIMEOUT, drained).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "some connections did not end in time and are cut off"
        );
    }
    connections.shutdown().await;
}

async fn turn_away(mut stream: Lingering<TcpStream>, place: OwnedSemaphorePermit) {
    let tell = async {
        stream.write_all(TOO_MANY).await?;
        stream.shutdown().await
    };
    // A client that does not read this gets no other response.
    let _gone = tokio::time::timeout(Duration::from_secs(1), tell).await;
    drop(place);
}

struct Connection {
    app: Arc<App>,
    router: Router,
    rates: Option<Arc<AddressRates>>,
    peer: SocketAddr,
    is_on_last: bool,
    stop: watch::Receiver<bool>,
    place: OwnedSemaphorePermit,
}

impl Connection {
    async fn serve(mut self, stream: TcpStream) {
        self.app.node.telemetry.connections.inc();
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let activity = Activity::new();
        let address = ClientAddress::of(self.peer.ip());
        let dispatcher = Arc::new(Dispatcher {
            app: self.app.clone(),
            router: TowerToHyperService::new(self.router),
            rates: self.rates,
            caller: Caller {
                address,
                bodies: self.app.node.ingest.bodies_of(address),
                is_on_last: self.is_on_last,
            },
            proxy: Some(self.peer.ip()).filter(|peer| self.app.node.settings.trusted_proxies.trust(*peer)),
            activity: activity.clone(),
        });
        let mut http = http1::Builder::new();
        // The buffer alone is no exact limit: it grows in steps.
        http.max_buf_size(HEADER_BYTES).max_header_size(HEADER_BYTES).max_headers(HEADERS).half_close(false);
        let service = service_fn(move |request| dispatcher.clone().answer(request));
        let stream = Lingering::new(Box::pin(stream), self.stop.clone());
        let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
        let idle = activity.wait_until_idle_for(self.app.node.settings.capacity.idle_timeout);
        let early = tokio::select! {
            // The connection first: it is what a wake-up is nearly always about.
            biased;
            outcome = connection.as_mut() => Some(outcome),
            () = is_told(&mut self.stop) => None,
            () = idle => Some(Ok(())),
        };
        let outcome = match early {
            Some(outcome) => outcome,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = outcome {
            if error.is_parse() {
                self.app.node.telemetry.count_refused(Reason::MalformedRequest);
            }
            tracing::debug!(%error, "a connection ended early");
        }
        self.app.node.telemetry.connections.dec();
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
