//! A durable ping beside an empty handler on the same library, nginx, and a collector on Node: same client, same cores, in turns.

use crate::Error;
use crate::cpu::{CpuTimes, HTTP, WRITER, us_each};
use crate::load::{Audience, Course, Pace};
use crate::parts::Size;
use crate::report::{Table, median, ms, plain, say};
use crate::servers::{Child, Kind};

/// Open sessions that receive the pings.
const SESSIONS: usize = 4_096;

/// A turn of one server.
#[derive(Debug, Clone)]
struct Turn {
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// Processor time a request, µs, in all and by thread.
    cpu_us: f64,
    http_us: f64,
    writer_us: f64,
}

fn take_turn(size: &Size, kind: Kind) -> Result<Turn, Error> {
    let server = Child::start(kind)?;
    let mut audience = Audience::open(server.address, size.connections, SESSIONS, Course::Pings)?;
    let before = server.cpu_times()?;
    let measured = audience.play(Pace { duration: size.duration(), rate: None })?;
    let cpu: CpuTimes = server.cpu_times()?.since(&before);
    let requests = measured.answered();
    Ok(Turn {
        rate: measured.taken_per_second(),
        p50_ms: ms(measured.quantile(0.5)),
        p99_ms: ms(measured.quantile(0.99)),
        cpu_us: us_each(cpu.all(), requests),
        http_us: us_each(cpu.part(HTTP), requests),
        writer_us: us_each(cpu.part(WRITER), requests),
    })
}

/// Processor time of the empty handler for a request of this course, µs: what other figures are ratios to.
pub(crate) fn empty_us(size: &Size, course: Course) -> Result<f64, Error> {
    let server = Child::start(Kind::Empty)?;
    let mut audience = Audience::open(server.address, size.connections, SESSIONS, course)?;
    let before = server.cpu_times()?;
    let measured = audience.play(Pace { duration: size.duration(), rate: None })?;
    Ok(us_each(server.cpu_times()?.since(&before).all(), measured.answered()))
}

/// Measures all servers that there are.
pub(crate) fn run(size: &Size) -> Result<(), Error> {
    let mut kinds = Vec::new();
    for kind in Kind::ALL {
        match Child::is_missing(kind) {
            None => kinds.push(kind),
            Some(why) => say(&format!("**SKIPPED: {} is not measured, because {why}**", kind.name()))?,
        }
    }
    let mut turns: Vec<Vec<Turn>> = Vec::new();
    for _ in 0..size.turns() {
        turns.push(kinds.iter().map(|kind| take_turn(size, *kind)).collect::<Result<_, _>>()?);
    }
    let place = |kind: Kind| kinds.iter().position(|other| *other == kind);
    let of = |kind: Kind, value: fn(&Turn) -> f64| {
        place(kind).map(|place| median(turns.iter().map(|turn| value(&turn[place]))))
    };
    // Ratios within a turn, because a machine that others share changes from turn to turn.
    let ratio = |kind: Kind, to: Kind, value: fn(&Turn) -> f64| {
        let (kind, to) = (place(kind)?, place(to)?);
        Some(median(turns.iter().map(|turn| value(&turn[kind]) / value(&turn[to]))))
    };
    let connections = size.connections;
    let mut table = Table::new(&format!("Pings, closed loop, {connections} connections"));
    for kind in &kinds {
        let value = |value: fn(&Turn) -> f64| plain(of(*kind, value).unwrap_or(f64::NAN));
        table.row(
            kind.name(),
            format!(
                "{}/s, p50 {} ms, p99 {} ms, CPU {} us a request",
                value(|turn| turn.rate),
                value(|turn| turn.p50_ms),
                value(|turn| turn.p99_ms),
                value(|turn| turn.cpu_us)
            ),
        );
    }
    let threads = [of(Kind::Durable, |turn| turn.http_us), of(Kind::Durable, |turn| turn.writer_us)];
    let [http_us, writer_us] = threads.map(|us| plain(us.unwrap_or(f64::NAN)));
    table.row("durable: CPU of HTTP and of the writer, us", format!("{http_us} and {writer_us}"));
    for (to, aim) in [(Kind::Empty, 0.7), (Kind::Fastify, 2.8)] {
        if let Some(ratio) = ratio(Kind::Durable, to, |turn| turn.rate) {
            table.at_least(&format!("durable requests/s, as a share of {}", to.name()), ratio, aim);
        }
    }
    if let Some(ratio) = ratio(Kind::Durable, Kind::Empty, |turn| turn.cpu_us) {
        table.at_most("durable CPU a request : empty", ratio, 2.0);
    }
    for to in [Kind::Nginx, Kind::Fastify, Kind::NoFsync] {
        if let Some(ratio) = ratio(Kind::Durable, to, |turn| turn.cpu_us) {
            table.row(&format!("durable CPU a request : {}", to.name()), plain(ratio));
        }
    }
    table.print()
}
