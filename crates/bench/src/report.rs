//! The printed report: Markdown tables of ratios and figures, each beside its aim.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use crate::Error;

/// The seed of every simulated audience.
pub(crate) const SEED: u64 = 1;

/// The rows of one measurement.
#[derive(Debug, Default)]
pub(crate) struct Table(String);

impl Table {
    /// A table with a line that says what is measured.
    pub(crate) fn new(title: &str) -> Self {
        Self(format!("\n### {title}\n\n| | figure | aim | |\n|---|---:|---:|---|\n"))
    }

    /// A figure without an aim.
    pub(crate) fn row(&mut self, what: &str, figure: impl std::fmt::Display) {
        let _written = writeln!(self.0, "| {what} | {figure} | | |");
    }

    /// A figure that must not exceed its aim.
    pub(crate) fn at_most(&mut self, what: &str, figure: f64, aim: f64) {
        self.aimed(what, figure, &format!("at most {aim}"), figure <= aim);
    }

    /// A figure that must not fall below its aim.
    pub(crate) fn at_least(&mut self, what: &str, figure: f64, aim: f64) {
        self.aimed(what, figure, &format!("at least {aim}"), figure >= aim);
    }

    fn aimed(&mut self, what: &str, figure: f64, aim: &str, is_met: bool) {
        let verdict = if is_met { "met" } else { "**missed**" };
        let _written = writeln!(self.0, "| {what} | {} | {aim} | {verdict} |", plain(figure));
    }

    /// Prints it.
    pub(crate) fn print(&self) -> Result<(), Error> {
        say(&self.0)
    }
}

/// Prints a line.
pub(crate) fn say(line: &str) -> Result<(), Error> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| Error::Io("printing", error))
}

/// What is measured where, and how to do it again.
pub(crate) fn head() -> String {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let args: Vec<String> = std::env::args().skip(1).collect();
    format!(
        "{cpus} cores, {}; the load runs on the same cores. `playhead-bench {}`, seed {SEED}",
        model.trim_start_matches([' ', '\t', ':']),
        args.join(" ")
    )
}

/// A figure with as many digits as say something.
pub(crate) fn plain(figure: f64) -> String {
    match figure.abs() {
        0.0..10.0 => format!("{figure:.2}"),
        10.0..1_000.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}

pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

pub(crate) fn mib(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / 1_048_576.0)
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
