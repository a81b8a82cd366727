//! Many open sessions: their memory, what is left of the throughput, and a restart after a kill with all of them open.

use std::time::Duration;

use crate::Error;
use crate::cpu::us_each;
use crate::load::{Audience, Course, Pace};
use crate::parts::{Size, collectors};
use crate::playhead::Playhead;
use crate::report::{Table, plain};

/// Events of a session after its start: so many that everything that grows with them has grown.
const ROUNDS: u32 = 34;
/// So many that the growth of the process is theirs.
const MANY: usize = 100_000;
/// The last events leave the reorder windows; what remains is a session at rest.
const REST: Duration = Duration::from_secs(6);

/// What so many sessions cost.
#[derive(Debug)]
struct Cost {
    sessions: usize,
    bytes_each: f64,
    /// What the server counts towards its limit of memory.
    counted_each: f64,
    /// Processor time a ping, as a ratio to that of the empty handler just before.
    of_empty: f64,
    ready_s: f64,
}

fn measure(size: &Size, sessions: usize) -> Result<Cost, Error> {
    let empty_us = collectors::empty_us(size, Course::Pings)?;
    // None of them falls silent for good while the others are opened.
    let server = Playhead::start(&["--idle-timeout", "1h", "--lake-interval", "1h"])?;
    let (before, _) = server.memory_bytes()?;
    let mut audience = Audience::open(server.address, size.connections, sessions, Course::Pings)?;
    audience.send_rounds(ROUNDS)?;
    std::thread::sleep(REST);
    let (after, _) = server.memory_bytes()?;
    let counted = server.metric("playhead_open_sessions_memory_bytes")?;
    let begun = server.cpu_times()?;
    let measured = audience.play(Pace { duration: size.duration() * 2, rate: None })?;
    let ping_us = us_each(server.cpu_times()?.since(&begun).all(), measured.answered());
    drop(audience);
    let (_server, ready) = server.restart()?;
    Ok(Cost {
        sessions,
        bytes_each: after.saturating_sub(before) as f64 / sessions as f64,
        counted_each: counted / sessions as f64,
        of_empty: ping_us / empty_us,
        ready_s: ready.as_secs_f64(),
    })
}

/// Measures each number of sessions.
pub(crate) fn run(size: &Size) -> Result<(), Error> {
    let numbers = size.of::<&[usize]>(&[10_000], &[10_000, 100_000], &[10_000, 100_000, 1_000_000]);
    let costs = numbers.iter().map(|number| measure(size, *number)).collect::<Result<Vec<_>, _>>()?;
    let mut table = Table::new(&format!("Open sessions, {ROUNDS} pings with quality data each"));
    for cost in &costs {
        let sessions = cost.sessions;
        let title = format!("{sessions}: bytes each by which the process grows");
        if sessions < MANY {
            // What a process takes with its first events is most of it.
            table.row(&title, plain(cost.bytes_each));
        } else {
            table.at_most(&title, cost.bytes_each, 1_228.8);
        }
        table.row(&format!("{sessions}: bytes each that the server counts"), plain(cost.counted_each));
        table.at_most(&format!("{sessions}: ready after kill -9, s"), cost.ready_s, 10.0);
        table.row(&format!("{sessions}: CPU a ping : empty handler"), plain(cost.of_empty));
    }
    if let [few, .., many] = costs.as_slice() {
        let (from, to) = (few.sessions, many.sessions);
        let title = format!("throughput a core with {to}, as a share of that with {from}");
        table.at_least(&title, few.of_empty / many.of_empty, 0.9);
    }
    table.print()
}
