//! The load: events over keep-alive connections, each with a body of its own, from one thread. Closed loop, so that each connection
//! sends the next at once, or open loop, at a rate.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::Runtime;
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::Error;
use crate::client::Client;

/// Pings of a session that has an end.
const WHOLE_PINGS: u32 = 30;
/// What comes before them: the ad, and the start of the content.
const WHOLE_OPENING: [(&str, Kind); 5] = [
    ("adBreakStart", Kind::Other),
    ("adStart", Kind::Other),
    ("adComplete", Kind::AdComplete),
    ("adBreakComplete", Kind::Other),
    ("play", Kind::Other),
];

/// Kinds of events that a server under too much load may tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Start,
    End,
    AdComplete,
    Other,
    Ping,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Start, Self::End, Self::AdComplete, Self::Other, Self::Ping];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Start => "starts",
            Self::End => "ends",
            Self::AdComplete => "ad completes",
            Self::Other => "other events",
            Self::Ping => "pings",
        }
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// Pings, ten seconds of the player's clock apart: sessions stay open.
    Pings,
    /// Whole sessions, with an ad and an end, at the times at which they are sent.
    Whole,
}

/// How events are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) duration: Duration,
    /// Events a second over all connections; `None` for the next one at once.
    pub(crate) rate: Option<f64>,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    pub(crate) elapsed: Duration,
    /// Answered and refused as too much, by kind.
    pub(crate) answers: [(u64, u64); Kind::ALL.len()],
    /// From when each was due, µs, in order.
    latencies_us: Vec<u32>,
}

impl Measured {
    pub(crate) fn answered(&self) -> u64 {
        self.answers.iter().map(|(answered, _)| answered).sum()
    }

    /// Events that were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.answers.iter().map(|(answered, refused)| answered - refused).sum()
    }

    pub(crate) fn taken_per_second(&self) -> f64 {
        self.taken() as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let place = (self.latencies_us.len() as f64 * share) as usize;
        let last = self.latencies_us.len().saturating_sub(1);
        let us = self.latencies_us.get(place.min(last)).copied().unwrap_or_default();
        Duration::from_micros(us.into())
    }
}

/// Viewers with their connections.
#[derive(Debug)]
pub(crate) struct Audience {
    runtime: Runtime,
    players: Vec<Player>,
}

impl Audience {
    /// Connects, and opens the sessions.
    pub(crate) fn open(
        address: SocketAddr,
        connections: usize,
        sessions: usize,
        course: Course,
    ) -> Result<Self, Error> {
        let mut audience = Self::connect(address, connections, sessions, course)?;
        audience.send_rounds(1)?;
        Ok(audience)
    }

    /// Connects; the first event of each session opens it.
    pub(crate) fn connect(
        address: SocketAddr,
        connections: usize,
        sessions: usize,
        course: Course,
    ) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Io("starting the runtime", error))?;
        let players = LocalSet::new().block_on(&runtime, async {
            let opening: Vec<_> = (0..connections)
                .map(|number| {
                    let count = sessions / connections + usize::from(number < sessions % connections);
                    tokio::task::spawn_local(Player::connect(address, number, count, course))
                })
                .collect();
            joined(opening).await
        })?;
        Ok(Self { runtime, players })
    }

    /// Sends each session so many events; all of them must be taken.
    pub(crate) fn send_rounds(&mut self, rounds: u32) -> Result<(), Error> {
        let players = std::mem::take(&mut self.players);
        self.players = LocalSet::new().block_on(&self.runtime, async {
            let sending =
                players.into_iter().map(|player| tokio::task::spawn_local(player.send_rounds(rounds)));
            joined(sending.collect()).await
        })?;
        Ok(())
    }

    /// Sends events at a pace.
    pub(crate) fn play(&mut self, pace: Pace) -> Result<Measured, Error> {
        let players = std::mem::take(&mut self.players);
        let connections = players.len();
        let begin = Instant::now();
        let played = LocalSet::new().block_on(&self.runtime, async {
            let playing = players.into_iter().enumerate().map(|(number, player)| {
                let turn = Turn { number, connections, begin, pace };
                tokio::task::spawn_local(player.play(turn))
            });
            joined(playing.collect()).await
        })?;
        let mut all = Measured { elapsed: begin.elapsed(), ..Measured::default() };
        for (player, measured) in played {
            self.players.push(player);
            for (all, one) in all.answers.iter_mut().zip(measured.answers) {
                *all = (all.0 + one.0, all.1 + one.1);
            }
            all.latencies_us.extend(measured.latencies_us);
        }
        all.latencies_us.sort_unstable();
        Ok(all)
    }
}

async fn joined<T>(tasks: Vec<tokio::task::JoinHandle<Result<T, Error>>>) -> Result<Vec<T>, Error> {
    let mut results = Vec::with_capacity(tasks.len());
    for task in tasks {
        results.push(task.await.map_err(|error| Error::Unexpected(error.to_string()))??);
    }
    Ok(results)
}

/// When a connection sends.
#[derive(Debug, Clone, Copy)]
struct Turn {
    number: usize,
    connections: usize,
    begin: Instant,
    pace: Pace,
}

impl Turn {
    /// When its event of this number is due.
    fn due(&self, number: u64) -> Instant {
        let Some(rate) = self.pace.rate else { return Instant::now() };
        let place = number as f64 * self.connections as f64 + self.number as f64;
        self.begin + Duration::from_secs_f64(place / rate)
    }
}

/// A session of a player.
#[derive(Debug)]
struct Watched {
    /// While it has started.
    sid: Option<Box<str>>,
    /// Events that it has sent since.
    sent: u32,
    /// Pings until its end.
    pings: u32,
}

/// A connection with its sessions.
#[derive(Debug)]
struct Player {
    client: Client,
    course: Course,
    number: usize,
    sessions: Vec<Watched>,
    next: usize,
    began_ms: u128,
    body: String,
}

impl Player {
    async fn connect(
        address: SocketAddr,
        number: usize,
        sessions: usize,
        course: Course,
    ) -> Result<Self, Error> {
        Ok(Self {
            client: Client::connect(address).await?,
            course,
            number,
            // Not all come to their ends at one time.
            sessions: (0..sessions)
                .map(|index| Watched {
                    sid: None,
                    sent: 0,
                    pings: (index as u32 * 7 + number as u32) % WHOLE_PINGS,
                })
                .collect(),
            next: 0,
            began_ms: now_ms(),
            body: String::new(),
        })
    }

    async fn send_rounds(mut self, rounds: u32) -> Result<Self, Error> {
        for _ in 0..rounds as usize * self.sessions.len() {
            if let (kind, false) = self.send_next().await? {
                return Err(Error::Unexpected(format!("the server refused some {}", kind.name())));
            }
        }
        Ok(self)
    }

    async fn play(mut self, turn: Turn) -> Result<(Self, Measured), Error> {
        let end = turn.begin + turn.pace.duration;
        let mut measured = Measured::default();
        for number in 0.. {
            let due = turn.due(number);
            if due >= end || self.sessions.is_empty() {
                break;
            }
            if due > Instant::now() {
                tokio::time::sleep_until(due).await;
            }
            if Instant::now() >= end {
                break;
            }
            let (kind, is_taken) = self.send_next().await?;
            let (answered, refused) = &mut measured.answers[kind as usize];
            *answered += 1;
            *refused += u64::from(!is_taken);
            measured.latencies_us.push(u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
        Ok((self, measured))
    }

    /// Sends the next event of the session whose turn it is: its kind, and whether it was taken.
    async fn send_next(&mut self) -> Result<(Kind, bool), Error> {
        let index = self.next;
        self.next = (index + 1) % self.sessions.len();
        let viewer = self.number * 1_000_000 + index;
        let now_ms = if self.course == Course::Whole { now_ms() } else { self.began_ms };
        let session = &mut self.sessions[index];
        self.body.clear();
        let Some(sid) = session.sid.as_deref() else {
            write_start(&mut self.body, viewer, now_ms);
            let answer = self.client.post(&["/api/v1/sessions"], &self.body).await?;
            let is_taken = is_taken(answer.status)?;
            if is_taken {
                // The empty handler does not open sessions; any id will do for it.
                session.sid = Some(answer.sid().map_or_else(|| "0".repeat(64).into(), Into::into));
                session.sent = 0;
            }
            return Ok((Kind::Start, is_taken));
        };
        let opening = WHOLE_OPENING.get(session.sent as usize).filter(|_| self.course == Course::Whole);
        let is_end =
            self.course == Course::Whole && session.sent >= WHOLE_OPENING.len() as u32 + session.pings;
        let kind = match opening {
            Some((event_type, kind)) => {
                write_plain(&mut self.body, event_type, now_ms);
                *kind
            }
            None if is_end => {
                write_plain(&mut self.body, "sessionEnd", now_ms);
                Kind::End
            }
            None => {
                let apart_ms = if self.course == Course::Pings { 10_000 } else { 0 };
                write_ping(&mut self.body, session.sent, now_ms + u128::from(session.sent) * apart_ms);
                Kind::Ping
            }
        };
        let answer = self.client.post(&["/api/v1/sessions/", sid, "/events"], &self.body).await?;
        let is_taken = is_taken(answer.status)?;
        session.sent += 1;
        if is_end && is_taken {
            *session = Watched { sid: None, sent: 0, pings: WHOLE_PINGS };
        }
        Ok((kind, is_taken))
    }
}

/// Whether an event was taken, or refused as too much; anything else is not expected.
fn is_taken(status: u16) -> Result<bool, Error> {
    match status {
        200..=299 => Ok(true),
        429 | 503 => Ok(false),
        status => Err(Error::Unexpected(format!("an answer with status {status}"))),
    }
}

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// Appends text; to memory that does not fail.
macro_rules! append {
    ($out:expr, $($argument:tt)*) => {{
        use std::fmt::Write as _;
        let _written = write!($out, $($argument)*);
    }};
}

fn write_start(out: &mut String, viewer: usize, ts: u128) {
    append!(
        out,
        "{{\"playerTime\":{{\"playhead\":0,\"ts\":{ts}}},\"eventType\":\"sessionStart\",\"params\":{{\
         \"analytics.trackingServer\":\"metrics.example.com\",\"analytics.reportSuite\":\"example-rsid\",\
         \"analytics.visitorId\":\"visitor-{viewer}\",\"visitor.marketingCloudOrgId\":\"0123456789ABCDEF@AdobeOrg\",\
         \"media.id\":\"content-{}\",\"media.name\":\"Content number {}\",\"media.length\":3600,\
         \"media.contentType\":\"VOD\",\"media.playerName\":\"sample-html5-api-player\",\
         \"media.channel\":\"sample-channel\",\"media.sdkVersion\":\"va-api-0.0.0\",\"media.show\":\"Sample show\",\
         \"media.season\":\"1\",\"media.episode\":\"{}\"}},\"customMetadata\":{{\"plan\":\"premium\"}}}}",
        viewer % 1_000,
        viewer % 1_000,
        viewer % 12,
    );
}

/// A ping like those of players, with quality data.
fn write_ping(out: &mut String, round: u32, ts: u128) {
    append!(
        out,
        "{{\"playerTime\":{{\"playhead\":{}.25,\"ts\":{ts}}},\"eventType\":\"ping\",\"params\":{{}},\
         \"qoeData\":{{\"media.qoe.bitrate\":3200000,\"media.qoe.droppedFrames\":{},\
         \"media.qoe.framesPerSecond\":50,\"media.qoe.timeToStart\":1100}}}}",
        round * 10,
        round % 7,
    );
}

fn write_plain(out: &mut String, event_type: &str, ts: u128) {
    let params = match event_type {
        "adBreakStart" => {
            "{\"media.ad.podFriendlyName\":\"pre-roll\",\"media.ad.podIndex\":1,\"media.ad.podSecond\":0}"
        }
        "adStart" => {
            "{\"media.ad.id\":\"ad-1\",\"media.ad.name\":\"An ad\",\"media.ad.length\":15,\"media.ad.podPosition\":1,\
             \"media.ad.playerName\":\"sample-ad-player\"}"
        }
        _ => "{}",
    };
    append!(
        out,
        "{{\"playerTime\":{{\"playhead\":0,\"ts\":{ts}}},\"eventType\":\"{event_type}\",\"params\":{params}}}"
    );
}
