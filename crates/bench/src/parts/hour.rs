//! An hour at a sustained rate: what grows, and what stays as it is.

use std::time::{Duration, Instant};

use clap::Args;

use crate::Error;
use crate::load::{Audience, Course, Pace};
use crate::parts::Size;
use crate::playhead::Playhead;
use crate::report::{Table, mib, ms, plain, say};

/// The longest stretch between two samples.
const SAMPLE: Duration = Duration::from_secs(60);
/// Samples at least, so that there is something to compare.
const SAMPLES_MIN: u32 = 6;
/// What is flat is not more than so many times what it was.
const FLAT: f64 = 1.25;

/// The run.
#[derive(Debug, Clone, Args)]
pub(crate) struct HourCall {
    /// For how long, seconds.
    #[arg(long, default_value_t = 3_600)]
    duration: u64,
    /// Events a second.
    #[arg(long, default_value_t = 10_000.0)]
    rate: f64,
    /// Sessions at one time.
    #[arg(long, default_value_t = 50_000)]
    sessions: usize,
}

/// A look at the server.
#[derive(Debug, Clone, Copy)]
struct Sample {
    rate: f64,
    p99_ms: f64,
    max_ms: f64,
    /// Events that are not in the tables yet.
    lag: f64,
    journal: f64,
    memory: f64,
}

fn sample(server: &Playhead, audience: &mut Audience, pace: Pace) -> Result<Sample, Error> {
    let measured = audience.play(pace)?;
    let accepted = server.metric("playhead_events_accepted_total")?;
    let (journal, log) = server.journal_bytes()?;
    Ok(Sample {
        rate: measured.taken_per_second(),
        p99_ms: ms(measured.quantile(0.99)),
        max_ms: ms(measured.quantile(1.0)),
        lag: accepted - server.metric("playhead_lake_events_total")?,
        journal: (journal + log) as f64,
        memory: server.memory_bytes()?.0 as f64,
    })
}

/// The highest of the last third, as a ratio to that of the third before: the first is the way there.
fn growth(samples: &[Sample], value: fn(&Sample) -> f64) -> f64 {
    let third = samples.len() / 3;
    let highest = |samples: &[Sample]| samples.iter().map(value).fold(0.0, f64::max);
    let (before, last) = samples.split_at(samples.len() - third);
    let middle = before.get(before.len() - third..).unwrap_or_default();
    highest(last) / highest(middle).max(f64::MIN_POSITIVE)
}

/// Measures it.
pub(crate) fn run(size: &Size, call: &HourCall) -> Result<(), Error> {
    let whole = Duration::from_secs(size.of(30, call.duration, call.duration));
    let pace = Pace { duration: SAMPLE.min(whole / SAMPLES_MIN), rate: Some(call.rate) };
    let interval = pace.duration.as_secs().max(1).to_string() + "s";
    let server = Playhead::start(&["--lake-interval", &interval])?;
    let mut audience = Audience::open(server.address, size.connections, call.sessions, Course::Whole)?;
    say(
        "\n| s | events/s | p99 ms | max ms | events not in the tables | journal | memory |\n|---:|---:|---:|---:|---:|---:|---:|",
    )?;
    let (began, mut samples) = (Instant::now(), Vec::new());
    while began.elapsed() < whole {
        let now = sample(&server, &mut audience, pace)?;
        samples.push(now);
        let (rate, p99, max) = (plain(now.rate), plain(now.p99_ms), plain(now.max_ms));
        let (journal, memory) = (mib(now.journal), mib(now.memory));
        let seconds = began.elapsed().as_secs();
        say(&format!("| {seconds} | {rate} | {p99} | {max} | {} | {journal} | {memory} |", plain(now.lag)))?;
    }
    let mut table = Table::new(&format!(
        "{} s at {} events/s offered: the last third : the one before",
        whole.as_secs(),
        call.rate
    ));
    let lowest = samples.iter().map(|sample| sample.rate).fold(f64::MAX, f64::min);
    table.at_least("events/s of the slowest stretch : offered", lowest / call.rate, 0.99);
    table.at_most("highest p99, ms", samples.iter().map(|sample| sample.p99_ms).fold(0.0, f64::max), 50.0);
    table.at_most("events not in the tables", growth(&samples, |sample| sample.lag), FLAT);
    table.at_most("journal", growth(&samples, |sample| sample.journal), FLAT);
    table.at_most("memory", growth(&samples, |sample| sample.memory), FLAT);
    table.print()?;
    let is_flat = [
        growth(&samples, |sample| sample.lag),
        growth(&samples, |sample| sample.journal),
        growth(&samples, |sample| sample.memory),
    ];
    say(if is_flat.iter().all(|growth| *growth <= FLAT) { "flat" } else { "**not flat**" })
}
