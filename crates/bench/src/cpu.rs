//! Processor time of a server, by thread: on a machine that others share it says more than the time that passes.

use std::fs;
use std::time::Duration;

use crate::Error;

/// The threads that are told apart.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CpuTimes {
    /// Those that serve connections.
    pub(crate) http: Duration,
    /// The one that makes events durable.
    pub(crate) writer: Duration,
    /// All others.
    pub(crate) rest: Duration,
}

impl CpuTimes {
    /// The time that the threads of a process have taken so far.
    pub(crate) fn of(process: u32) -> Result<Self, Error> {
        let failed = |error| Error::Io("reading the processor time of threads", error);
        let mut times = Self::default();
        for thread in fs::read_dir(format!("/proc/{process}/task")).map_err(failed)? {
            let thread = thread.map_err(failed)?.path();
            // A thread may end in between.
            let (Ok(name), Ok(stat)) =
                (fs::read_to_string(thread.join("comm")), fs::read_to_string(thread.join("schedstat")))
            else {
                continue;
            };
            let ran = stat.split_whitespace().next().and_then(|nanoseconds| nanoseconds.parse().ok());
            let ran = ran.map(Duration::from_nanos).unwrap_or_default();
            match name.trim() {
                name if name.starts_with("tokio") => times.http += ran,
                "writer" => times.writer += ran,
                _ => times.rest += ran,
            }
        }
        Ok(times)
    }

    /// The time taken since then, for each of so many events.
    pub(crate) fn an_event_since(&self, before: &Self, events: usize) -> Self {
        let each = |now: Duration, before: Duration| {
            now.saturating_sub(before).div_f64(u32::try_from(events.max(1)).map_or(f64::MAX, f64::from))
        };
        Self {
            http: each(self.http, before.http),
            writer: each(self.writer, before.writer),
            rest: each(self.rest, before.rest),
        }
    }

    /// All threads together.
    pub(crate) fn all(&self) -> Duration {
        self.http + self.writer + self.rest
    }
}
