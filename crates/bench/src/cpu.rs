//! Processor time of a server, by thread: on a machine that others share it says more than the time that passes.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use crate::Error;

/// The threads that serve connections.
pub(crate) const HTTP: &str = "http";
/// The one that makes events durable.
pub(crate) const WRITER: &str = "writer";
/// The one that copies the journal's log into its file.
pub(crate) const JOURNAL: &str = "journal-upkeep";
/// The one that moves the journal into the tables, and puts their files together.
pub(crate) const KEEPER: &str = "keeper";

/// Processor time by the names of threads.
#[derive(Debug, Clone, Default)]
pub(crate) struct CpuTimes(BTreeMap<String, Duration>);

impl CpuTimes {
    /// The time that the threads of a process have taken so far.
    pub(crate) fn of(process: u32) -> Result<Self, Error> {
        let mut times = Self::default();
        times.add(process)?;
        Ok(times)
    }

    /// The same with the processes that it has started.
    pub(crate) fn of_family(process: u32) -> Result<Self, Error> {
        let mut times = Self::of(process)?;
        let path = format!("/proc/{process}/task/{process}/children");
        let children = fs::read_to_string(path).map_err(|error| Error::Io("finding processes", error))?;
        for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
            times.add(child)?;
        }
        Ok(times)
    }

    fn add(&mut self, process: u32) -> Result<(), Error> {
        let failed = |error| Error::Io("reading the processor time of threads", error);
        for thread in fs::read_dir(format!("/proc/{process}/task")).map_err(failed)? {
            let thread = thread.map_err(failed)?.path();
            // A thread may end in between.
            let (Ok(name), Ok(stat)) =
                (fs::read_to_string(thread.join("comm")), fs::read_to_string(thread.join("schedstat")))
            else {
                continue;
            };
            let ran = stat.split_whitespace().next().and_then(|nanoseconds| nanoseconds.parse().ok());
            let name = match name.trim() {
                name if name.starts_with("tokio") => HTTP,
                name => name,
            };
            *self.0.entry(name.to_owned()).or_default() += ran.map(Duration::from_nanos).unwrap_or_default();
        }
        Ok(())
    }

    /// The time taken since then.
    pub(crate) fn since(&self, before: &Self) -> Self {
        let taken = |(name, now): (&String, &Duration)| {
            (name.clone(), now.saturating_sub(before.0.get(name).copied().unwrap_or_default()))
        };
        Self(self.0.iter().map(taken).collect())
    }

    /// That of a thread.
    pub(crate) fn part(&self, name: &str) -> Duration {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// All threads together.
    pub(crate) fn all(&self) -> Duration {
        self.0.values().sum()
    }
}

/// µs for each of so many events.
pub(crate) fn us_each(time: Duration, events: u64) -> f64 {
    time.as_secs_f64() * 1_000_000.0 / events.max(1) as f64
}
