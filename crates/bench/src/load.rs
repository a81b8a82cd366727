//! The load: pings over keep-alive connections, each with a body of its own, from one thread.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::Error;
use crate::cpu::CpuTimes;
use crate::servers::Child;

/// The load to generate.
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) sessions: usize,
    pub(crate) duration: Duration,
}

/// The measurements.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) requests_per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Processor time of the server for each ping.
    pub(crate) cpu: CpuTimes,
}

impl Load {
    /// Opens the sessions, then sends pings for the whole time over all connections.
    pub(crate) fn run(&self, server: &Child) -> Result<Measured, Error> {
        let address = server.address;
        run_local(async {
            let sids = Rc::new(open_all(address, self.sessions, self.connections).await?);
            let cpu_before = server.cpu_times()?;
            let began = Instant::now();
            let end = began + self.duration;
            let clients: Vec<_> = (0..self.connections)
                .map(|connection| {
                    let sids: Vec<_> =
                        sids.iter().skip(connection).step_by(self.connections).cloned().collect();
                    tokio::task::spawn_local(ping_until(address, sids, end))
                })
                .collect();
            let mut latencies = Vec::new();
            for client in clients {
                latencies.extend(client.await.map_err(|error| Error::Unexpected(error.to_string()))??);
            }
            let elapsed = began.elapsed();
            let cpu = server.cpu_times()?.an_event_since(&cpu_before, latencies.len());
            latencies.sort_unstable();
            let quantile =
                |part: usize| latencies.get(latencies.len() * part / 100).copied().unwrap_or_default();
            Ok(Measured {
                requests_per_second: latencies.len() as f64 / elapsed.as_secs_f64(),
                p50: Duration::from_micros(quantile(50).into()),
                p99: Duration::from_micros(quantile(99).into()),
                cpu,
            })
        })
    }
}

/// Opens sessions and sends enough events to each that everything that grows with them has grown, for a measurement of
/// memory.
pub(crate) fn open_sessions(address: SocketAddr, sessions: usize) -> Result<(), Error> {
    const CONNECTIONS: usize = 64;
    run_local(async {
        let sids = open_all(address, sessions, CONNECTIONS).await?;
        let sids = Rc::new(sids);
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|connection| {
                let sids = sids.clone();
                tokio::task::spawn_local(async move {
                    let mut client = Client::connect(address).await?;
                    for round in 0..34 {
                        for sid in sids.iter().skip(connection).step_by(CONNECTIONS) {
                            client.ping(sid, round).await?;
                        }
                    }
                    Ok::<_, Error>(())
                })
            })
            .collect();
        for client in clients {
            client.await.map_err(|error| Error::Unexpected(error.to_string()))??;
        }
        // The last events leave the reorder windows; the rest is the cost of a session at rest.
        tokio::time::sleep(Duration::from_secs(6)).await;
        Ok(())
    })
}

fn run_local<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::Io("starting the runtime", error))?;
    LocalSet::new().block_on(&runtime, work)
}

async fn open_all(address: SocketAddr, sessions: usize, connections: usize) -> Result<Vec<String>, Error> {
    let openers: Vec<_> = (0..connections)
        .map(|connection| {
            let count = sessions / connections + usize::from(connection < sessions % connections);
            tokio::task::spawn_local(async move {
                let mut client = Client::connect(address).await?;
                let mut sids = Vec::with_capacity(count);
                for index in 0..count {
                    sids.push(client.open(connection * 1_000_000 + index).await?);
                }
                Ok::<_, Error>(sids)
            })
        })
        .collect();
    let mut sids = Vec::with_capacity(sessions);
    for opener in openers {
        sids.extend(opener.await.map_err(|error| Error::Unexpected(error.to_string()))??);
    }
    Ok(sids)
}

async fn ping_until(address: SocketAddr, sids: Vec<String>, end: Instant) -> Result<Vec<u32>, Error> {
    let mut client = Client::connect(address).await?;
    let mut latencies = Vec::with_capacity(65_536);
    let mut round = 0;
    loop {
        for sid in &sids {
            let began = Instant::now();
            if began >= end {
                return Ok(latencies);
            }
            client.ping(sid, round).await?;
            latencies.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
        round += 1;
    }
}

struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    response: Vec<u8>,
    began_ms: u128,
}

impl Client {
    async fn connect(address: SocketAddr) -> Result<Self, Error> {
        let stream = TcpStream::connect(address).await.map_err(|error| Error::Io("connecting", error))?;
        stream.set_nodelay(true).map_err(|error| Error::Io("connecting", error))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self { stream, request: Vec::new(), response: vec![0; 4_096], began_ms: now.as_millis() })
    }

    async fn open(&mut self, index: usize) -> Result<String, Error> {
        let ts = self.began_ms;
        let body = format!(
            "{{\"playerTime\":{{\"playhead\":0,\"ts\":{ts}}},\"eventType\":\"sessionStart\",\"params\":{{\
             \"analytics.trackingServer\":\"metrics.example.com\",\"analytics.reportSuite\":\"example-rsid\",\
             \"analytics.visitorId\":\"visitor-{index}\",\"visitor.marketingCloudOrgId\":\"0123456789ABCDEF@AdobeOrg\",\
             \"media.id\":\"content-{}\",\"media.name\":\"Content number {}\",\"media.length\":3600,\
             \"media.contentType\":\"VOD\",\"media.playerName\":\"sample-html5-api-player\",\
             \"media.channel\":\"sample-channel\",\"media.sdkVersion\":\"va-api-0.0.0\",\"media.show\":\"Sample show\",\
             \"media.season\":\"1\",\"media.episode\":\"{}\"}},\"customMetadata\":{{\"plan\":\"premium\"}}}}",
            index % 1_000,
            index % 1_000,
            index % 12,
        );
        let head = self.send("/api/v1/sessions", &body).await?;
        let sid = head.split("sessions/").nth(1).and_then(|rest| rest.get(..64));
        // The empty handler does not open sessions; any id will do for it.
        Ok(sid.map_or_else(|| "0".repeat(64), str::to_owned))
    }

    /// A ping like those of players, with quality data.
    async fn ping(&mut self, sid: &str, round: u32) -> Result<(), Error> {
        let ts = self.began_ms + u128::from(round) * 10_000;
        let playhead = round * 10;
        let body = format!(
            "{{\"playerTime\":{{\"playhead\":{playhead}.25,\"ts\":{ts}}},\"eventType\":\"ping\",\"params\":{{}},\
             \"qoeData\":{{\"media.qoe.bitrate\":3200000,\"media.qoe.droppedFrames\":{},\
             \"media.qoe.framesPerSecond\":50,\"media.qoe.timeToStart\":1100}}}}",
            round % 7,
        );
        self.send(&format!("/api/v1/sessions/{sid}/events"), &body).await.map(|_| ())
    }

    async fn send(&mut self, path: &str, body: &str) -> Result<String, Error> {
        use std::io::Write as _;
        self.request.clear();
        write!(
            self.request,
            "POST {path} HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\
             Accept: */*\r\nOrigin: http://localhost:9090\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .map_err(|error| Error::Io("writing a request", error))?;
        self.stream.write_all(&self.request).await.map_err(|error| Error::Io("sending a request", error))?;
        let mut length = 0;
        loop {
            let read = self.stream.read(&mut self.response[length..]).await;
            let read = read.map_err(|error| Error::Io("reading a response", error))?;
            if read == 0 {
                return Err(Error::Unexpected("the server closed a connection".into()));
            }
            length += read;
            let response = &self.response[..length];
            let is_taken = response.starts_with(b"HTTP/1.1 20");
            if length >= b"HTTP/1.1 20x".len() && !is_taken {
                return Err(Error::Unexpected(String::from_utf8_lossy(response).into_owned()));
            }
            if response.ends_with(b"\r\n\r\n") {
                return Ok(String::from_utf8_lossy(response).into_owned());
            }
            if length == self.response.len() {
                return Err(Error::Unexpected("a response longer than expected".into()));
            }
        }
    }
}
