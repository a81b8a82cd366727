//! Three times more than a server can take: what it refuses, that it recovers, and that reports show what it acknowledged. Open
//! loop by `playhead simulate`, and closed loop by connections that never wait.

use serde_json::Value;

use crate::Error;
use crate::load::{Audience, Course, Kind, Pace};
use crate::parts::Size;
use crate::playhead::Playhead;
use crate::report::{SEED, Table, mib, plain, say};

/// Places in the queue to the writer: so few that overload is refused and not waited out.
const SERVER: [&str; 4] = ["--waiting-requests", "64", "--idle-timeout", "20s"];
/// The server has one core, so that the audience finds its limit before its own.
const CORE: Option<&str> = Some("0");
/// An audience is past the limit if its latencies are, ms, at p99.
const LATE_MS: f64 = 500.0;
/// So few connections that what they send finds a place.
const FEW: usize = 24;
/// Connections that never wait.
const HASTY: usize = 768;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

/// Sends so many viewers: the report.
fn send(server: &Playhead, size: &Size, viewers: u32, expect: Option<&str>) -> Result<Value, Error> {
    let (viewers, seed) = (viewers.to_string(), SEED.to_string());
    let duration = size.of("5s", "15s", "30s");
    let mut args = vec!["--viewers", &viewers, "--duration", duration, "--speed", "30", "--seed", &seed];
    args.extend(["--connections", "2048", "--threads", "2", "--curve", "kick-off"]);
    if let Some(file) = expect {
        args.extend(["--expect", file]);
    }
    server.simulate(&args).map(|(report, _)| report)
}

/// The highest number of viewers that a server takes without a refusal and in time, by doubling.
fn find_limit(size: &Size) -> Result<u32, Error> {
    let mut viewers = 250;
    loop {
        let server = Playhead::start_on(&SERVER, CORE)?;
        let report = send(&server, size, viewers, None)?;
        let is_past =
            number(&report["answers"]["503"]) > 0.0 || number(&report["latency_ms"]["p99"]) > LATE_MS;
        let rate = plain(number(&report["answered_per_second"]));
        say(&format!("ramp: {viewers} viewers, {rate} answers/s, past the limit: {is_past}"))?;
        if is_past {
            return Ok((viewers / 2).max(1));
        }
        viewers *= 2;
    }
}

fn add_refusals(table: &mut Table, loop_name: &str, share: impl Fn(&str) -> f64, names: &[(&str, &str)]) {
    for (key, name) in names {
        table.row(&format!("{loop_name}: {name} refused"), format!("{:.2} %", share(key) * 100.0));
    }
}

fn open_loop(size: &Size, table: &mut Table) -> Result<(), Error> {
    let limit = find_limit(size)?;
    table.row("limit by doubling, viewers", limit);
    let server = Playhead::start_on(&SERVER, CORE)?;
    let (before, _) = server.memory_bytes()?;
    let file = format!("target/playhead-bench-{}.expect", std::process::id());
    let report = send(&server, size, 3 * limit, Some(&file))?;
    let refused = &report["refused_by_kind"];
    let names = [
        ("ping", "pings"),
        ("start", "starts"),
        ("end", "ends"),
        ("ad_complete", "ad completes"),
        ("ad", "other ad events"),
    ];
    add_refusals(table, "open loop at three times", |kind| number(&refused[kind]["share"]), &names);
    let first = ["start", "end", "ad_complete"].map(|kind| number(&refused[kind]["share"]));
    let highest = first.into_iter().fold(0.0, f64::max);
    table.at_most(
        "starts, ends, ad completes refused : pings",
        highest / number(&refused["ping"]["share"]),
        1.0,
    );
    table.row("answers by status", report["answers"].to_string());
    table.row("p99 of the generator's own lag, ms", plain(number(&report["lag_ms"]["p99"])));
    let (_, peak) = server.memory_bytes()?;
    table.row("memory before, and at most", format!("{}, {}", mib(before as f64), mib(peak as f64)));
    let after = send(&server, size, (limit / 4).max(1), None)?;
    table.at_most(
        "refused afterwards, at a quarter of the limit, without a restart",
        number(&after["answers"]["503"]),
        0.0,
    );
    let is_equal = server.check(std::path::Path::new(&file))?;
    let _removed = std::fs::remove_file(&file);
    table.at_least("reports equal what was acknowledged (1: yes)", f64::from(u8::from(is_equal)), 1.0);
    Ok(())
}

fn closed_loop(size: &Size, table: &mut Table) -> Result<(), Error> {
    let server = Playhead::start_on(&SERVER, CORE)?;
    let mut few = Audience::open(server.address, FEW, 4_096, Course::Whole)?;
    let limit = few.play(Pace { duration: size.duration(), rate: None })?.taken_per_second();
    drop(few);
    // Their starts may be refused as well, so they are a part of what is measured.
    let mut many = Audience::connect(server.address, HASTY, HASTY, Course::Whole)?;
    let measured = many.play(Pace { duration: size.duration() * 2, rate: None })?;
    table.row(&format!("closed loop: taken with {FEW} connections, events/s"), plain(limit));
    table.row(
        &format!("closed loop: taken with {HASTY} connections, events/s"),
        plain(measured.taken_per_second()),
    );
    for (kind, (answered, refused)) in Kind::ALL.iter().zip(measured.answers) {
        let share = refused as f64 * 100.0 / answered.max(1) as f64;
        table.row(&format!("closed loop: {} refused", kind.name()), format!("{share:.2} % of {answered}"));
    }
    Ok(())
}

/// Measures it.
pub(crate) fn run(size: &Size) -> Result<(), Error> {
    let mut table = Table::new("Three times the limit: a server of one core, 64 places to wait");
    open_loop(size, &mut table)?;
    closed_loop(size, &mut table)?;
    table.print()
}
