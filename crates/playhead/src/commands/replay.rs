//! `playhead replay`: sends recorded sessions to a server, as a player would.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use playhead_node::clock::Clock;
use serde::Serialize;

use crate::error::Error;
use crate::source::client::{Client, Response};
use crate::source::recording::{RecordedEvent, Recording};
use crate::terminal::printable::{printable, printable_json};
use crate::terminal::tables::{Format, Heading, Table, Terminal};

/// Retries of a request if the server is busy or the connection fails.
const RETRIES: u32 = 5;

/// The wait before the first retry; it doubles with each retry.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// The upper limit for the wait that a server's `Retry-After` asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The number of events from which a replay shows a progress bar.
const LONG_REPLAY_EVENTS: usize = 200;

/// The arguments of `playhead replay`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ReplayArgs {
    /// Recorded sessions: timelines, or lists of events (see below)
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Server to send them to
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub to: String,
    /// Speed: 1 as recorded, 10 ten times as fast, max without waiting
    #[arg(long, value_name = "N|max", default_value = "max")]
    pub speed: Speed,
    /// Shift all timestamps so that each session starts now
    #[arg(long)]
    pub now: bool,
    /// Output format
    #[arg(long, value_name = "table|json", value_enum, hide_possible_values = true, default_value = "table")]
    pub format: Format,
}

/// The speed of a replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Speed {
    /// Sends each event right after the response to the previous one.
    Max,
    /// This many times as fast as recorded.
    Times(f64),
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let times = text.parse().ok().filter(|times: &f64| times.is_finite() && *times > 0.0);
        times.map(Self::Times).ok_or_else(|| "write a number above 0, or max".into())
    }
}

impl Speed {
    /// The wait after the first event for an event that was recorded `offset_ms` after it.
    fn wait(self, offset_ms: i64) -> Duration {
        match self {
            Self::Max => Duration::ZERO,
            Self::Times(times) => {
                let seconds = offset_ms.max(0) as f64 / 1_000.0 / times;
                Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
            }
        }
    }
}

/// The outcome of one recorded session.
#[derive(Debug, Serialize)]
struct Outcome {
    file: String,
    title: String,
    session_id: Option<String>,
    events: usize,
    statuses: BTreeMap<u16, usize>,
}

/// Sends the recorded sessions of all files, one after the other.
///
/// # Errors
///
/// If a file does not hold a recorded session (then nothing is sent), or a server does not answer; [`Error::Findings`]
/// if it refused an event.
pub(crate) fn replay(
    args: &ReplayArgs,
    clock: &dyn Clock,
    terminal: Terminal,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<(), Error> {
    let client = Client::new(&args.to)?;
    let recordings = args.files.iter().map(|path| Recording::read(path)).collect::<Result<Vec<_>, _>>()?;
    let progress = progress_bar(&recordings, args.speed, terminal);
    let mut outcomes = Vec::new();
    let mut has_refusals = false;
    for (path, recording) in args.files.iter().zip(recordings) {
        let recording = if args.now {
            let moved = recording.starting_at(clock.now_ms());
            moved.map_err(|message| Error::Recording { path: path.clone(), message })?
        } else {
            recording
        };
        let mut sender = Sender { client: &client, path, notes, progress: &progress, has_refusals: false };
        let outcome = sender.send(recording, args.speed)?;
        has_refusals |= sender.has_refusals;
        if args.format == Format::Json {
            let line = serde_json::to_string(&outcome).map_err(|error| Error::Output(error.into()))?;
            writeln!(out, "{}", printable_json(&line))?;
        }
        outcomes.push(outcome);
    }
    progress.finish_and_clear();
    if args.format == Format::Table {
        writeln!(out, "{}", outcome_table(&outcomes, terminal))?;
    }
    if has_refusals { Err(Error::Findings) } else { Ok(()) }
}

fn progress_bar(recordings: &[Recording], speed: Speed, terminal: Terminal) -> ProgressBar {
    let events: usize = recordings.iter().map(|recording| recording.events.len()).sum();
    let is_long = events >= LONG_REPLAY_EVENTS || speed != Speed::Max;
    if !(terminal.is_stderr && is_long) {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(events as u64), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{wide_bar} {pos}/{len} events, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn outcome_table(outcomes: &[Outcome], terminal: Terminal) -> String {
    let mut rows = Table::new([
        Heading::clipped("file"),
        Heading::clipped("title").leaving(1),
        Heading::id("session"),
        Heading::whole("events"),
        Heading::whole("responses"),
    ]);
    for outcome in outcomes {
        let responses: Vec<_> =
            outcome.statuses.iter().map(|(status, count)| format!("{count} x {status}")).collect();
        rows.add_row([
            printable(&outcome.file).into_owned(),
            printable(&outcome.title).into_owned(),
            printable(outcome.session_id.as_deref().unwrap_or("-")).into_owned(),
            outcome.events.to_string(),
            responses.join(", "),
        ]);
    }
    rows.text(terminal, "--format json or a pipe")
}

/// Sends one recorded session.
struct Sender<'run> {
    client: &'run Client,
    path: &'run Path,
    notes: &'run mut dyn Write,
    progress: &'run ProgressBar,
    has_refusals: bool,
}

impl Sender<'_> {
    fn send(&mut self, recording: Recording, speed: Speed) -> Result<Outcome, Error> {
        let mut outcome = Outcome {
            file: self.path.display().to_string(),
            title: recording.title,
            session_id: None,
            events: 0,
            statuses: BTreeMap::new(),
        };
        let began = Instant::now();
        let first_ms = recording.events.iter().find_map(|event| event.ts_ms);
        let mut url = "/api/v1/sessions".to_owned();
        for (index, event) in recording.events.iter().enumerate() {
            let offset_ms =
                event.ts_ms.zip(first_ms).map_or(0, |(ts_ms, first_ms)| ts_ms.saturating_sub(first_ms));
            std::thread::sleep(speed.wait(offset_ms).saturating_sub(began.elapsed()));
            let response = self.post(&url, &event.body)?;
            outcome.events += 1;
            *outcome.statuses.entry(response.status).or_default() += 1;
            self.progress.inc(1);
            if !(200..300).contains(&response.status) {
                self.note_refusal(index, event, &response)?;
            }
            if index == 0 {
                let Some(id) = self.session_of(&response)? else { break };
                url = format!("/api/v1/sessions/{id}/events");
                outcome.session_id = Some(id);
            }
        }
        Ok(outcome)
    }

    /// The id of the new session; `None` if the start was refused, after which nothing else can be sent.
    fn session_of(&mut self, response: &Response) -> Result<Option<String>, Error> {
        if response.status != 201 {
            return Ok(None);
        }
        let id = response.location.as_deref().and_then(|location| location.rsplit('/').next());
        let is_id =
            |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        match id.filter(|id| is_id(id)) {
            Some(id) => Ok(Some(id.to_owned())),
            None => Err(Error::Response {
                url: self.client.base().to_owned(),
                status: response.status,
                message: "but the response names no session; check that this is a collection server".into(),
            }),
        }
    }

    fn note_refusal(
        &mut self,
        index: usize,
        event: &RecordedEvent,
        response: &Response,
    ) -> Result<(), Error> {
        self.has_refusals = true;
        let file = self.path.display().to_string();
        let (file, event_type) = (printable(&file), printable(&event.event_type));
        let what = if index == 0 {
            "the rest of this file is not sent"
        } else {
            "the rest of this file is still sent"
        };
        let note = format!(
            "{file}: event {index} ({event_type}) was refused with {}: {} ({what})\n",
            response.status,
            response.refusal()
        );
        let notes = &mut *self.notes;
        self.progress.suspend(|| notes.write_all(note.as_bytes()))?;
        Ok(())
    }

    /// Sends one event, and repeats it if the server is busy or the connection fails. The server recognises a repeated
    /// event that it has stored already, but a repeated `sessionStart` opens another session.
    fn post(&self, url: &str, body: &str) -> Result<Response, Error> {
        let mut retries = 0;
        loop {
            let outcome = self.client.post(url, body);
            let asked_for = match &outcome {
                Ok(response) if matches!(response.status, 429 | 503) => response.retry_after,
                Ok(_) => return outcome,
                Err(_) => None,
            };
            let Some(wait) = wait_before_retry(retries, asked_for) else {
                return outcome.and_then(|response| {
                    Err(Error::Response {
                        url: format!("{}{url}", self.client.base()),
                        status: response.status,
                        message: response.refusal(),
                    })
                });
            };
            std::thread::sleep(wait);
            retries += 1;
        }
    }
}

/// The wait before the next retry; `None` if there were enough.
fn wait_before_retry(retries: u32, asked_for: Option<Duration>) -> Option<Duration> {
    let backoff = FIRST_WAIT * 2_u32.pow(retries.min(RETRIES));
    (retries < RETRIES).then(|| asked_for.map_or(backoff, |asked_for| asked_for.min(LONGEST_WAIT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_end_and_respect_retry_after() {
        assert_eq!(wait_before_retry(0, None), Some(FIRST_WAIT));
        assert_eq!(wait_before_retry(4, None), Some(FIRST_WAIT * 16));
        assert_eq!(wait_before_retry(5, None), None);
        assert_eq!(wait_before_retry(0, Some(Duration::from_secs(3))), Some(Duration::from_secs(3)));
        assert_eq!(wait_before_retry(0, Some(Duration::from_secs(86_400))), Some(LONGEST_WAIT));
        assert_eq!(wait_before_retry(5, Some(Duration::ZERO)), None);
    }

    #[test]
    fn speeds_are_numbers_above_zero_or_max() {
        assert_eq!("max".parse(), Ok(Speed::Max));
        assert_eq!("2.5".parse(), Ok(Speed::Times(2.5)));
        for text in ["0", "-1", "inf", "NaN", "fast", ""] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
        assert_eq!(Speed::Times(10.0).wait(5_000), Duration::from_millis(500));
        assert_eq!(Speed::Times(10.0).wait(-5_000), Duration::ZERO);
        assert_eq!(Speed::Max.wait(5_000), Duration::ZERO);
    }
}
