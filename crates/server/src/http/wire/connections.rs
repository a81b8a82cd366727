//! Connections: accepted within their limit, cut off when they are slow, drained at the end.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
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
use crate::http::wire::long_road::Lent;
use crate::http::wire::rate::AddressRates;
use crate::http::wire::router::router;
use crate::http::wire::short_road::{Left, ShortRoad};
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
            activity: Activity::new(),
            turn: Arc::default(),
        });
        let mut stream = Lingering::new(Box::pin(stream), self.stop.clone());
        let mut read = Vec::new();
        // Where each request has to be judged by more than itself, none takes the short road.
        let has_short_road = dispatcher.rates.is_none() && !dispatcher.caller.is_on_last;
        let outcome = loop {
            if has_short_road {
                match take_short_road(&dispatcher, &mut stream, &mut read, &mut self.stop).await {
                    Ok(Left::ForLongRoad) => {}
                    Ok(Left::Idle) => break Ok(()),
                    Ok(Left::Ended) => break stream.shutdown().await.map_err(|error| error.to_string()),
                    Err(error) => break Err(error.to_string()),
                }
            }
            match take_long_road(&dispatcher, stream, read, &mut self.stop).await {
                Ok(Some(back)) => (stream, read) = back,
                Ok(None) => break Ok(()),
                Err(error) => {
                    if error.is_parse() {
                        self.app.node.telemetry.count_refused(Reason::MalformedRequest);
                    }
                    break Err(error.to_string());
                }
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "a connection ended early");
        }
        self.app.node.telemetry.connections.dec();
        drop(self.place);
    }
}

/// A connection's stream.
type Stream = Lingering<Pin<Box<TimeoutStream<TcpStream>>>>;

/// Takes events until something else comes, the connection has been idle for too long, or the server stops.
async fn take_short_road(
    dispatcher: &Dispatcher,
    stream: &mut Stream,
    read: &mut Vec<u8>,
    stop: &mut watch::Receiver<bool>,
) -> io::Result<Left> {
    let road = ShortRoad::new(dispatcher);
    let mut events = pin!(road.run(stream, read));
    let idle = dispatcher.activity.wait_until_idle_for(dispatcher.app.node.settings.capacity.idle_timeout);
    tokio::select! {
        // The events first: they are what a wake-up is nearly always about.
        biased;
        left = events.as_mut() => return left,
        () = is_told(stop) => {}
        () = idle => return Ok(Left::Idle),
    }
    if !dispatcher.activity.is_under_way() {
        return Ok(Left::Ended);
    }
    road.stop();
    events.await
}

/// Lends a connection to the HTTP library, until that has ended it, or gives it back between two requests.
async fn take_long_road(
    dispatcher: &Arc<Dispatcher>,
    stream: Stream,
    read: Vec<u8>,
    stop: &mut watch::Receiver<bool>,
) -> hyper::Result<Option<(Stream, Vec<u8>)>> {
    let mut http = http1::Builder::new();
    // The buffer alone is no exact limit: it grows in steps.
    http.max_buf_size(HEADER_BYTES).max_header_size(HEADER_BYTES).max_headers(HEADERS).half_close(false);
    let service = service_fn(|request| dispatcher.clone().answer(request));
    let turn = &dispatcher.turn;
    let lent = TokioIo::new(Lent::new(stream, read, turn.clone()));
    let mut connection = http.serve_connection(lent, service);
    let idle = dispatcher.activity.wait_until_idle_for(dispatcher.app.node.settings.capacity.idle_timeout);
    let ended_or_over = poll_fn(|context| match Pin::new(&mut connection).poll(context) {
        Poll::Ready(ended) => Poll::Ready(Some(ended)),
        Poll::Pending if turn.is_over() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    });
    tokio::select! {
        // The connection first: it is what a wake-up is nearly always about.
        biased;
        ended_or_over = ended_or_over => if let Some(ended) = ended_or_over {
            return ended.map(|()| None);
        },
        () = is_told(stop) => {
            Pin::new(&mut connection).graceful_shutdown();
            return connection.await.map(|()| None);
        }
        () = idle => return Ok(None),
    }
    let parts = connection.into_parts();
    Ok(Some(parts.io.into_inner().give_back(&parts.read_buf)))
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
