//! The time watched of each minute.

use playhead_protocol::time::MINUTE_MS;

use crate::query::response::rounded;

/// Decimals of an audience.
pub(super) const DECIMALS: i32 = 4;

/// The time watched of each minute, in whole milliseconds, so that it does not depend on the order of the rows.
#[derive(Debug)]
pub(super) struct MinuteSums {
    /// Where the last minute ends.
    end_ms: i64,
    /// Time of spans that begin or end in a minute.
    parts_ms: Vec<i64>,
    /// The change, from the minute before, in the number of spans that cover a minute as a whole.
    whole_changes: Vec<i64>,
    /// The first and the last minute with anything watched.
    seen: Option<(usize, usize)>,
}

impl MinuteSums {
    /// Minutes from 0 to `end_ms`; the last may be shorter.
    pub(super) fn until(end_ms: i64) -> Self {
        let minutes = minute_of(end_ms.saturating_add(MINUTE_MS - 1));
        Self { end_ms, parts_ms: vec![0; minutes], whole_changes: vec![0; minutes + 1], seen: None }
    }

    /// Bytes of the sums over this many minutes, with the result.
    pub(super) const fn bytes(minutes: usize) -> usize {
        (minutes + 1) * (2 * size_of::<i64>() + size_of::<f64>())
    }

    /// Adds a span; what is outside the minutes is left out.
    pub(super) fn add(&mut self, (from_ms, to_ms): (i64, i64)) {
        let (from_ms, to_ms) = (from_ms.max(0), to_ms.min(self.end_ms));
        if from_ms >= to_ms {
            return;
        }
        let (first, last) = (minute_of(from_ms), minute_of(to_ms - 1));
        self.seen = Some(match self.seen {
            Some((lowest, highest)) => (lowest.min(first), highest.max(last)),
            None => (first, last),
        });
        if first == last {
            self.parts_ms[first] += to_ms - from_ms;
            return;
        }
        self.parts_ms[first] += (first + 1) as i64 * MINUTE_MS - from_ms;
        self.parts_ms[last] += to_ms - last as i64 * MINUTE_MS;
        self.whole_changes[first + 1] += 1;
        self.whole_changes[last] -= 1;
    }

    /// The audience of each minute.
    pub(super) fn audience(&self) -> Vec<f64> {
        let minutes = self.watched_ms().enumerate();
        let audience = minutes.map(|(minute, watched_ms)| {
            let length_ms = (self.end_ms - minute as i64 * MINUTE_MS).min(MINUTE_MS);
            rounded(watched_ms as f64 / length_ms as f64, DECIMALS)
        });
        audience.collect()
    }

    /// The audience of the minutes from the first to the last one in which anything was watched, and the first one.
    pub(super) fn seen_audience(&self) -> (usize, Vec<f64>) {
        let Some((first, last)) = self.seen else { return (0, Vec::new()) };
        let mut audience = self.audience();
        audience.truncate(last + 1);
        audience.drain(..first);
        (first, audience)
    }

    /// The mean of the minutes in which anything was watched; `None` without any.
    pub(super) fn mean_of_watched(&self) -> Option<f64> {
        let (sum_ms, minutes) = self
            .watched_ms()
            .filter(|watched_ms| *watched_ms > 0)
            .fold((0, 0), |(sum_ms, minutes), watched_ms| (sum_ms + watched_ms, minutes + 1));
        (minutes > 0).then(|| rounded(sum_ms as f64 / (minutes * MINUTE_MS) as f64, DECIMALS))
    }

    /// The time watched of each minute.
    fn watched_ms(&self) -> impl Iterator<Item = i64> {
        let mut covering = 0;
        self.parts_ms.iter().zip(&self.whole_changes).map(move |(part_ms, change)| {
            covering += change;
            part_ms + covering * MINUTE_MS
        })
    }
}

/// The minute of a moment, from 0.
fn minute_of(ms: i64) -> usize {
    usize::try_from(ms / MINUTE_MS).unwrap_or(0)
}
