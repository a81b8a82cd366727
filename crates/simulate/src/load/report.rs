//! What a run sent, and what was answered.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::load::histogram::Histogram;
use crate::settings::Settings;
use crate::viewer::event::RequestKind;

/// Messages of refusals that are kept.
const MESSAGES_MAX: usize = 5;

/// Latencies, ms, from the moment at which requests were due.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Latency {
    /// How many there were.
    pub count: u64,
    /// The median.
    pub p50: f64,
    /// What nine of ten did not exceed.
    pub p90: f64,
    /// What 99 of 100 did not exceed.
    pub p99: f64,
    /// What 999 of 1,000 did not exceed.
    pub p99_9: f64,
    /// The highest.
    pub max: f64,
}

impl Latency {
    fn of(histogram: &Histogram) -> Self {
        let ms = |us: u64| us as f64 / 1_000.0;
        Self {
            count: histogram.count(),
            p50: ms(histogram.quantile_us(0.5)),
            p90: ms(histogram.quantile_us(0.9)),
            p99: ms(histogram.quantile_us(0.99)),
            p99_9: ms(histogram.quantile_us(0.999)),
            max: ms(histogram.max_us()),
        }
    }
}

/// What a server under too much load refused of a kind of request, 429 or 503.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Refused {
    /// Requests that were answered.
    pub answered: u64,
    /// Those of them that were refused.
    pub refused: u64,
    /// Their share of the answered ones.
    pub share: f64,
}

/// What a run sent, and what was answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The name of the run.
    pub run: String,
    /// The seed.
    pub seed: u64,
    /// A number that is the same for the same requests, whenever and as which run they are sent.
    pub digest: String,
    /// For how long it went on, seconds.
    pub seconds: f64,
    /// Events that were due.
    pub offered: u64,
    /// Requests, retries included.
    pub sent: u64,
    /// Requests that were answered, each second.
    pub answered_per_second: f64,
    /// Answers by status.
    pub answers: BTreeMap<u16, u64>,
    /// Requests without an answer: the connection was lost, or 5 s went by.
    pub lost: u64,
    /// Requests that found no connection.
    pub not_sent: u64,
    /// Requests that were made once more.
    pub retried: u64,
    /// Events that were acknowledged and sent again, as players do that miss an answer.
    pub repeated: u64,
    /// Events that were given up, and are known not to be stored.
    pub given_up: u64,
    /// Events of which nobody knows whether they are stored.
    pub unknown: u64,
    /// Sessions that started, and those that could not.
    pub sessions: u64,
    /// Starts that were refused or given up.
    pub refused_starts: u64,
    /// Sessions that may exist without a player: their start was stored, and the answer lost.
    pub possible_orphans: u64,
    /// Whether it was stopped before its end.
    pub is_stopped: bool,
    /// Latencies of all requests, ms.
    pub latency_ms: Latency,
    /// Latencies by kind of request, ms.
    pub latency_ms_by_kind: BTreeMap<&'static str, Latency>,
    /// What was refused as too much, by kind of request.
    pub refused_by_kind: BTreeMap<&'static str, Refused>,
    /// How late requests were sent by the generator itself, ms: high if it is the bottleneck.
    pub lag_ms: Latency,
    /// Refusals that no retry could help, each once.
    pub messages: Vec<String>,
}

impl Report {
    /// Whether everything that was due was acknowledged.
    pub fn is_fine(&self) -> bool {
        self.given_up == 0 && self.unknown == 0 && self.refused_starts == 0 && self.messages.is_empty()
    }
}

/// Counters of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    pub(crate) digest: u64,
    pub(crate) offered: u64,
    pub(crate) sent: u64,
    pub(crate) answers: BTreeMap<u16, u64>,
    pub(crate) answered: u64,
    pub(crate) lost: u64,
    pub(crate) not_sent: u64,
    pub(crate) retried: u64,
    pub(crate) repeated: u64,
    pub(crate) given_up: u64,
    pub(crate) unknown: u64,
    pub(crate) sessions: u64,
    pub(crate) refused_starts: u64,
    pub(crate) possible_orphans: u64,
    pub(crate) messages: Vec<String>,
    latencies: [Histogram; RequestKind::ALL.len()],
    /// Refused as too much, by kind.
    refused: [u64; RequestKind::ALL.len()],
    pub(crate) lag: Histogram,
}

impl Counters {
    /// Counts an answer.
    pub(crate) fn answer(&mut self, status: u16, kind: RequestKind, latency_us: i64) {
        self.answered += 1;
        *self.answers.entry(status).or_default() += 1;
        self.latencies[kind as usize].add(latency_us.max(0).unsigned_abs());
        self.refused[kind as usize] += u64::from(matches!(status, 429 | 503));
    }

    /// Adds what another thread counted.
    pub(crate) fn add_all(&mut self, other: Self) {
        // A sum of what each request says, so that it does not matter who sent it.
        self.digest = self.digest.wrapping_add(other.digest);
        self.offered += other.offered;
        self.sent += other.sent;
        self.answered += other.answered;
        self.lost += other.lost;
        self.not_sent += other.not_sent;
        self.retried += other.retried;
        self.repeated += other.repeated;
        self.given_up += other.given_up;
        self.unknown += other.unknown;
        self.sessions += other.sessions;
        self.refused_starts += other.refused_starts;
        self.possible_orphans += other.possible_orphans;
        other.answers.iter().for_each(|(status, count)| *self.answers.entry(*status).or_default() += count);
        self.latencies.iter_mut().zip(&other.latencies).for_each(|(own, other)| own.add_all(other));
        self.refused.iter_mut().zip(other.refused).for_each(|(own, other)| *own += other);
        self.lag.add_all(&other.lag);
        other.messages.into_iter().for_each(|message| self.keep(message));
    }

    /// Keeps what a server says to a request that it will never take.
    pub(crate) fn note(&mut self, status: u16, event_type: &str, body: &str) {
        self.keep(format!("{status} to {event_type}: {body}"));
    }

    fn keep(&mut self, message: String) {
        if self.messages.len() < MESSAGES_MAX && !self.messages.contains(&message) {
            self.messages.push(message);
        }
    }

    pub(crate) fn report(self, settings: &Settings, seconds: f64, is_stopped: bool) -> Report {
        let mut all = Histogram::default();
        self.latencies.iter().for_each(|histogram| all.add_all(histogram));
        let by_kind = RequestKind::ALL.iter().zip(&self.latencies);
        let by_kind = by_kind.filter(|(_, histogram)| histogram.count() > 0);
        let refused_of = |kind: RequestKind, answered: u64| {
            let refused = self.refused[kind as usize];
            Refused { answered, refused, share: refused as f64 / answered as f64 }
        };
        let refused_by_kind =
            by_kind.clone().map(|(kind, histogram)| (kind.name(), refused_of(*kind, histogram.count())));
        Report {
            run: settings.run.clone(),
            seed: settings.seed,
            digest: format!("{:016x}", self.digest),
            seconds,
            offered: self.offered,
            sent: self.sent,
            answered_per_second: self.answered as f64 / seconds.max(0.001),
            answers: self.answers,
            lost: self.lost,
            not_sent: self.not_sent,
            retried: self.retried,
            repeated: self.repeated,
            given_up: self.given_up,
            unknown: self.unknown,
            sessions: self.sessions,
            refused_starts: self.refused_starts,
            possible_orphans: self.possible_orphans,
            is_stopped,
            latency_ms: Latency::of(&all),
            latency_ms_by_kind: by_kind
                .map(|(kind, histogram)| (kind.name(), Latency::of(histogram)))
                .collect(),
            refused_by_kind: refused_by_kind.collect(),
            lag_ms: Latency::of(&self.lag),
            messages: self.messages,
        }
    }
}
