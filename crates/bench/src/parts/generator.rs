//! What the generators of load cost themselves: `playhead simulate` and the client of this program, beside wrk.

use std::process::{Command, Stdio};

use crate::Error;
use crate::cpu::{CpuTimes, us_each};
use crate::load::{Audience, Course, Pace};
use crate::parts::Size;
use crate::playhead::{Playhead, to_its_end};
use crate::report::{SEED, Table, plain, say};
use crate::servers::{Child, Kind};

/// What wrk sends.
const SCRIPT: &str = "bench/ping.lua";

/// Processor time of wrk for a request, µs, and its requests a second; `None` if it is not installed.
fn measure_wrk(size: &Size) -> Result<Option<(f64, f64)>, Error> {
    let server = Child::start(Kind::Empty)?;
    let seconds = size.duration().as_secs();
    let mut command = Command::new("wrk");
    command.args(["-t1", &format!("-c{}", size.connections), &format!("-d{seconds}s"), "-s", SCRIPT]);
    let url = format!("http://{}/api/v1/sessions/{}/events", server.address, "0".repeat(64));
    let Ok((output, cpu)) = to_its_end(command.arg(url).stdout(Stdio::piped())) else { return Ok(None) };
    let line = output.lines().find(|line| line.contains(" requests in "));
    let requests = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    let requests = requests.ok_or_else(|| Error::Unexpected(format!("wrk: {output}")))?;
    Ok(Some((us_each(cpu, requests), requests as f64 / seconds as f64)))
}

/// The same of this program's client.
fn measure_own(size: &Size) -> Result<(f64, f64), Error> {
    let server = Child::start(Kind::Empty)?;
    let mut audience = Audience::open(server.address, size.connections, 4_096, Course::Pings)?;
    let before = CpuTimes::of(std::process::id())?;
    let measured = audience.play(Pace { duration: size.duration(), rate: None })?;
    let cpu = CpuTimes::of(std::process::id())?.since(&before);
    Ok((us_each(cpu.all(), measured.answered()), measured.taken_per_second()))
}

/// Measures them.
pub(crate) fn run(size: &Size) -> Result<(), Error> {
    let mut table = Table::new("CPU of the generator for a request, us");
    let wrk = measure_wrk(size)?;
    match wrk {
        Some((cpu_us, rate)) => {
            table.row(
                "wrk, closed loop, the same body each time",
                format!("{} at {}/s", plain(cpu_us), plain(rate)),
            );
        }
        None => say("**SKIPPED: wrk is not measured, because it is not installed**")?,
    }
    let (cpu_us, rate) = measure_own(size)?;
    table.row("the client of this program, closed loop", format!("{} at {}/s", plain(cpu_us), plain(rate)));
    let viewers = size.of("2000", "10000", "20000");
    for threads in ["1", "2"] {
        let server = Playhead::start(&[])?;
        let seed = SEED.to_string();
        let mut args = vec!["--viewers", viewers, "--speed", "20", "--duration", "10s", "--threads", threads];
        args.extend(["--connections", "1024", "--seed", &seed]);
        let (report, cpu) = server.simulate(&args)?;
        let sent = report["sent"].as_u64().unwrap_or_default();
        let rate = report["answered_per_second"].as_f64().unwrap_or_default();
        let lag_ms = report["lag_ms"]["p99"].as_f64().unwrap_or_default();
        let each_us = us_each(cpu, sent);
        table.row(
            &format!("simulate --threads {threads}, {viewers} viewers"),
            format!("{} at {}/s, lag p99 {} ms", plain(each_us), plain(rate), plain(lag_ms)),
        );
        if let Some((wrk_us, _)) = wrk {
            table.row(&format!("simulate --threads {threads} : wrk"), plain(each_us / wrk_us));
        }
    }
    table.print()
}
