//! Clients that ask queries and drop what they are told: they stand for other machines, so they must cost next to nothing
//! where collection is measured.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::ServerProcess;

/// How long a client waits for any byte.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is kept of the end of an answer: enough for the error that ends it.
const KEPT_BYTES: usize = 64 << 10;

/// What an answer over HTTP says of how it went: its status, and the message unless the status is 200.
pub(crate) fn over_http(server: &ServerProcess, text: &str) -> String {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
    let agent: ureq::Agent = config.timeout_global(Some(PATIENCE)).build().into();
    let request = agent.post(format!("{}/reports/v1/sql", server.base()));
    let request = request.header("Authorization", format!("Bearer {}", server.token()));
    let mut response = match request.send(json!({"query": text}).to_string()) {
        Ok(response) => response,
        Err(error) => return format!("no answer over HTTP: {error}"),
    };
    let status = response.status().as_u16();
    let (end, error) = end_of(response.body_mut().as_reader());
    // A response that has begun can only break off.
    if let Some(error) = error {
        return format!("broken off: {error}");
    }
    let message = || serde_json::from_slice::<Value>(&end).ok()?["message"].as_str().map(str::to_owned);
    match status {
        200 => "200".to_owned(),
        status => {
            format!("{status} {}", message().unwrap_or_else(|| String::from_utf8_lossy(&end).into_owned()))
        }
    }
}

/// What the PostgreSQL port answers, on a connection of its own.
pub(crate) fn over_postgres(server: &ServerProcess, text: &str) -> String {
    let (_, behind) = server.banner().split_once("host=127.0.0.1 port=").unwrap();
    let port: u16 = behind.split(' ').next().unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let message = |kind: &[u8], body: &[u8]| {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [kind, &length, body].concat()
    };
    let start = [&196_608_u32.to_be_bytes()[..], b"user\0anybody\0database\0playhead\0\0"].concat();
    let _may_be_refused = stream.write_all(&message(b"", &start));
    let _may_be_refused = stream.write_all(&message(b"p", format!("{}\0", server.token()).as_bytes()));
    let _may_be_refused = stream.write_all(&message(b"Q", format!("{text}\0").as_bytes()));
    let _may_be_refused = stream.write_all(&message(b"X", b""));
    // A connection that is refused may be reset.
    let (end, error) = end_of(&mut stream);
    let end = String::from_utf8_lossy(&end);
    match end.rfind("SERROR").or(end.rfind("SFATAL")) {
        Some(at) => end[at..].split('\0').filter(|field| field.starts_with(['C', 'M'])).collect(),
        None if end.is_empty() => format!("no answer over PostgreSQL: {error:?}"),
        None => "rows".to_owned(),
    }
}

/// Reads all there is and keeps the end of it, with the error that cut it off.
fn end_of(mut reader: impl Read) -> (Vec<u8>, Option<std::io::Error>) {
    let mut kept = Vec::with_capacity(2 * KEPT_BYTES);
    let mut piece = vec![0; KEPT_BYTES];
    loop {
        let read = match reader.read(&mut piece) {
            Ok(0) => return (kept, None),
            Ok(read) => read,
            Err(error) => return (kept, Some(error)),
        };
        kept.extend_from_slice(&piece[..read]);
        if kept.len() > KEPT_BYTES {
            kept.drain(..kept.len() - KEPT_BYTES);
        }
    }
}
