//! The printed report: medians and ratios, never an absolute number alone.

use std::fmt::Write;
use std::time::Duration;

use crate::cpu::CpuTimes;
use crate::load::Measured;
use crate::servers::Kind;

/// The machine, as far as it can be found out.
pub(crate) fn machine() -> String {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    format!("{cpus} cores, {}; the load runs on the same cores", model.trim_start_matches([' ', '\t', ':']))
}

/// One turn of all servers.
pub(crate) fn turn(number: usize, measured: &[Measured]) -> String {
    let mut line = format!("turn {number}:");
    for (kind, measured) in Kind::ALL.iter().zip(measured) {
        let (rate, cpu_us) = (measured.requests_per_second, us(measured.cpu.all()));
        let _written = write!(line, "  {} {rate:.0}/s {cpu_us:.1} us", kind.name());
    }
    line
}

/// Medians over the turns, and their ratios to the reference.
pub(crate) fn medians(turns: &[Vec<Measured>]) -> String {
    let mut text = String::from("\npings, medians        requests/s   of empty   p50 ms   p99 ms\n");
    let rate = |place: usize| median(turns.iter().map(|turn| turn[place].requests_per_second));
    for (place, kind) in Kind::ALL.iter().enumerate() {
        let ratio =
            median(turns.iter().map(|turn| turn[place].requests_per_second / turn[0].requests_per_second));
        let p50 = median(turns.iter().map(|turn| ms(turn[place].p50)));
        let p99 = median(turns.iter().map(|turn| ms(turn[place].p99)));
        let _written =
            writeln!(text, "{:<20} {:>11.0} {ratio:>10.2} {p50:>8.2} {p99:>8.2}", kind.name(), rate(place));
    }
    text.push_str(&cpu_medians(turns));
    let durable = median(turns.iter().map(|turn| turn[1].requests_per_second / turn[2].requests_per_second));
    let _written = writeln!(text, "durable of no-fsync: {durable:.2}");
    text
}

/// The server's processor time for each ping by thread, and its ratio to the reference.
fn cpu_medians(turns: &[Vec<Measured>]) -> String {
    let mut text = String::from("\nprocessor us a ping       all   of empty     http   writer     rest\n");
    for (place, kind) in Kind::ALL.iter().enumerate() {
        let of =
            |part: fn(&CpuTimes) -> Duration| median(turns.iter().map(|turn| us(part(&turn[place].cpu))));
        let ratio = median(turns.iter().map(|turn| us(turn[place].cpu.all()) / us(turn[0].cpu.all())));
        let (all, http) = (of(CpuTimes::all), of(|cpu| cpu.http));
        let (writer, rest) = (of(|cpu| cpu.writer), of(|cpu| cpu.rest));
        let _written = writeln!(
            text,
            "{:<20} {all:>8.1} {ratio:>10.2} {http:>8.1} {writer:>8.1} {rest:>8.1}",
            kind.name()
        );
    }
    text
}

/// Memory of open sessions.
pub(crate) fn memory(sessions: usize, before: u64, after: u64) -> String {
    let bytes = after.saturating_sub(before) as f64 / sessions as f64;
    format!("memory of {sessions} open sessions: {bytes:.0} bytes each ({:.2} of 2 KiB)", bytes / 2_048.0)
}

fn us(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000_000.0
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
