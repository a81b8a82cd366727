//! What is measured: each part starts its servers, prints a table, and can be run alone.

pub(crate) mod beside_queries;
pub(crate) mod collectors;
pub(crate) mod generator;
pub(crate) mod hour;
pub(crate) mod open_sessions;
pub(crate) mod overload;
pub(crate) mod steps;
pub(crate) mod street;

use std::time::Duration;

use clap::Args;

/// How long and how large measurements are.
#[derive(Debug, Clone, Args)]
pub(crate) struct Size {
    /// A form that ends within a minute.
    #[arg(long, global = true)]
    short: bool,
    /// With a million open sessions, too.
    #[arg(long, global = true, conflicts_with = "short")]
    long: bool,
    /// Seconds for each measurement.
    #[arg(long, global = true)]
    seconds: Option<u64>,
    /// How often servers take turns; medians over the turns are reported.
    #[arg(long, global = true)]
    repeat: Option<usize>,
    /// Keep-alive connections.
    #[arg(long, global = true, default_value_t = 128)]
    pub(crate) connections: usize,
}

impl Size {
    /// One of three, by form.
    pub(crate) fn of<T>(&self, short: T, usual: T, long: T) -> T {
        match (self.short, self.long) {
            (true, _) => short,
            (_, true) => long,
            _ => usual,
        }
    }

    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(self.of(2, 5, 5)))
    }

    pub(crate) fn turns(&self) -> usize {
        self.repeat.unwrap_or(self.of(1, 3, 5)).max(1)
    }
}
