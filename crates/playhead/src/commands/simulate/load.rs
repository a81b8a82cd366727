//! The load: settings, progress, and the report at the end.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use playhead_simulate::{Fault, Latency, Progress, Refused, Report, RunError, Settings, Target, run};

use crate::commands::randomness::randomness;
use crate::commands::serve::open_files;
use crate::commands::simulate::args::{SimulateArgs, USUAL_SERVER};
use crate::commands::simulate::json_file::write_json;
use crate::error::{Error, Fault as FlagFault};
use crate::source::client::Client;
use crate::terminal::printable::printable;
use crate::terminal::tables::{Heading, Table, Terminal};

/// What every collection server knows: the schema of a ping.
const PROBE: &str = "/api/v1/schemas/ping";

/// Bytes of the name of a run that has none.
const RUN_BYTES: usize = 6;

/// Sends the load.
pub(super) fn send(args: &SimulateArgs, terminal: Terminal, out: &mut dyn Write) -> Result<(), Error> {
    if args.place.place.data.is_some() || args.place.lake.is_some() {
        return Err(Error::WrongCall(
            "--data and --lake belong to --check: the load goes to a server".into(),
        ));
    }
    let settings = settings(args)?;
    let url = args.place.place.server.as_deref().unwrap_or(USUAL_SERVER);
    let client = Client::new(url)?;
    let target = target(client.base())?;
    if client.get(PROBE, &[], None)?.is_none() {
        return Err(Error::Response {
            url: format!("{}{PROBE}", client.base()),
            status: 404,
            message: "this is not a collection server".into(),
        });
    }
    open_files::raise_limit(settings.connections);
    let progress = progress_bar(&settings, terminal);
    let report = run(&settings, &target, args.expect.as_deref(), &mut |now| tell(&progress, now));
    progress.finish_and_clear();
    let report = report.map_err(|error| match error {
        RunError::Expectation(error) => Error::Expectation(error),
        RunError::NoAddress { address, reason } => Error::Unreachable { url: address, reason },
        RunError::Runtime(_) | RunError::ThreadFailed => {
            Error::System { context: "cannot run the load", message: error.to_string() }
        }
    })?;
    print(&report, terminal, out)?;
    write_json(args.json.as_deref(), &report)?;
    if report.is_fine() { Ok(()) } else { Err(Error::Findings) }
}

/// The settings of the flags, if all of them are usable.
fn settings(args: &SimulateArgs) -> Result<Settings, Error> {
    let run = match &args.run {
        Some(run) => run.clone(),
        None => {
            let bytes = randomness()?.bytes();
            bytes.iter().take(RUN_BYTES).map(|byte| format!("{byte:02x}")).collect()
        }
    };
    let settings = Settings {
        run,
        seed: args.seed,
        viewers: args.viewers,
        rate: args.rate,
        duration_ms: args.duration.as_ms(),
        curve: args.curve,
        profile: args.profile,
        speed: args.speed,
        connections: args.connections,
        threads: args.threads,
    };
    let faults = settings.faults();
    if faults.is_empty() {
        return Ok(settings);
    }
    let of_flag = |Fault { flag, message }| FlagFault { path: flag.into(), message };
    let faults = faults.into_iter().map(of_flag).collect();
    Err(Error::Refused { message: "the audience cannot be made".into(), faults })
}

/// Where requests go: the generator speaks HTTP without TLS.
fn target(base: &str) -> Result<Target, Error> {
    let Some(rest) = base.strip_prefix("http://") else {
        return Err(Error::WrongCall(format!(
            "`{base}`: the load is sent without TLS; name the server's own address, such as {USUAL_SERVER}"
        )));
    };
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port { host.to_owned() } else { format!("{host}:80") };
    let base = if path.is_empty() { String::new() } else { format!("/{path}") };
    Ok(Target { address, host: host.to_owned(), base })
}

fn progress_bar(settings: &Settings, terminal: Terminal) -> ProgressBar {
    if !terminal.is_stderr {
        return ProgressBar::hidden();
    }
    let seconds = settings.duration_ms.unsigned_abs() / 1_000;
    let bar = ProgressBar::with_draw_target(Some(seconds.max(1)), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{wide_bar} {pos}/{len} s, {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn tell(bar: &ProgressBar, now: Progress) {
    let seconds = now.elapsed.as_secs_f64().max(Duration::from_millis(1).as_secs_f64());
    let rate = now.answered as f64 / seconds;
    let waiting = if now.waiting > 0 { format!(", {} wait", now.waiting) } else { String::new() };
    bar.set_position(now.elapsed.as_secs());
    bar.set_message(format!("{} viewers, {} requests, {rate:.0}/s{waiting}", now.viewers, now.sent));
}

fn print(report: &Report, terminal: Terminal, out: &mut dyn Write) -> Result<(), Error> {
    let answers: Vec<String> =
        report.answers.iter().map(|(status, count)| format!("{count} x {status}")).collect();
    let end = if report.is_stopped { "stopped after" } else { "ended after" };
    writeln!(
        out,
        "run {} (seed {}, requests {}) {end} {:.1} s",
        report.run, report.seed, report.digest, report.seconds
    )?;
    writeln!(out, "offered    {} events in {} sessions", report.offered, report.sessions)?;
    writeln!(out, "sent       {} requests, {} of them again", report.sent, report.retried + report.repeated)?;
    writeln!(out, "answered   {} ({:.0}/s)", answers.join(", "), report.answered_per_second)?;
    let losses = [
        (report.lost, "requests without an answer"),
        (report.not_sent, "requests without a connection"),
        (report.given_up, "events given up, which are not stored"),
        (report.unknown, "events that may be stored or not"),
        (report.refused_starts, "sessions that could not start"),
        (report.possible_orphans, "starts that may have opened a session without a player"),
    ];
    for (count, what) in losses.into_iter().filter(|(count, _)| *count > 0) {
        writeln!(out, "           {count} {what}")?;
    }
    for message in &report.messages {
        writeln!(out, "refused    {}", printable(message))?;
    }
    writeln!(out, "\n{}", latency_table(report, terminal))?;
    Ok(())
}

fn latency_table(report: &Report, terminal: Terminal) -> String {
    let mut table = Table::new([
        Heading::whole("latency, ms"),
        Heading::whole("requests").right(),
        Heading::whole("p50").right(),
        Heading::whole("p90").right(),
        Heading::whole("p99").right(),
        Heading::whole("p99.9").right(),
        Heading::whole("max").right(),
        Heading::whole("refused").right(),
    ]);
    let by_kind: &BTreeMap<&str, Latency> = &report.latency_ms_by_kind;
    let rows = by_kind.iter().map(|(kind, latency)| (*kind, latency));
    for (name, latency) in rows.chain([("all", &report.latency_ms), ("(lag of sending)", &report.lag_ms)]) {
        let ms = |value: f64| format!("{value:.1}");
        table.add_row([
            name.to_owned(),
            latency.count.to_string(),
            ms(latency.p50),
            ms(latency.p90),
            ms(latency.p99),
            ms(latency.p99_9),
            ms(latency.max),
            report.refused_by_kind.get(name).map(share_refused).unwrap_or_default(),
        ]);
    }
    table.text(terminal, "--json or a pipe")
}

/// The share of requests that a server refused as too much, 429 or 503.
fn share_refused(of: &Refused) -> String {
    format!("{:.1} %", of.share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_port_and_perhaps_a_path() {
        let parts = |base: &str| target(base).map(|target| (target.address, target.host, target.base));
        let of = |address: &str, host: &str, base: &str| (address.into(), host.into(), base.into());
        assert_eq!(parts("http://a:1").unwrap(), of("a:1", "a:1", ""));
        assert_eq!(parts("http://a").unwrap(), of("a:80", "a", ""));
        assert_eq!(parts("http://[::1]:80/x/y").unwrap(), of("[::1]:80", "[::1]:80", "/x/y"));
        assert_eq!(parts("http://[::1]").unwrap(), of("[::1]:80", "[::1]", ""));
        assert!(parts("https://a").unwrap_err().to_string().contains("without TLS"));
    }
}
