//! The whole street of an event: taken, durable, accounted for, in the tables, put together and rolled up. Whole sessions are sent,
//! and the server works until the tables have everything.

use crate::Error;
use crate::cpu::{CpuTimes, HTTP, JOURNAL, KEEPER, WRITER, us_each};
use crate::load::{Audience, Course, Pace};
use crate::parts::{Size, collectors};
use crate::playhead::Playhead;
use crate::report::{Table, median, plain};

/// Sessions at one time.
const SESSIONS: usize = 1_024;

/// A turn: processor time an event, µs.
#[derive(Debug)]
struct Turn {
    empty_us: f64,
    http_us: f64,
    writer_us: f64,
    journal_us: f64,
    hand_over_us: f64,
    compaction_us: f64,
    rest_us: f64,
    journal_bytes: f64,
    log_bytes: f64,
    table_bytes: f64,
    session_bytes: f64,
}

impl Turn {
    fn all_us(&self) -> f64 {
        self.http_us
            + self.writer_us
            + self.journal_us
            + self.hand_over_us
            + self.compaction_us
            + self.rest_us
    }
}

fn take_turn(size: &Size) -> Result<Turn, Error> {
    let empty_us = collectors::empty_us(size, Course::Whole)?;
    // Nothing is moved before all is there, so that the journal's bytes can be told; the work is the same.
    let server = Playhead::start(&["--lake-interval", "1d", "--checkpoint-interval", "10s"])?;
    let (journal_before, _) = server.journal_bytes()?;
    let begun = server.cpu_times()?;
    let mut audience = Audience::open(server.address, size.connections, SESSIONS, Course::Whole)?;
    audience.play(Pace { duration: size.duration() * 3, rate: None })?;
    let events = server.metric("playhead_events_accepted_total")?;
    let loaded = server.cpu_times()?;
    let (journal, log) = server.journal_bytes()?;
    let journal_bytes = journal.saturating_sub(journal_before) as f64 / events;
    hand_over(&server, events)?;
    let moved = server.cpu_times()?;
    server.maintain()?;
    let done = server.cpu_times()?;
    let (all, moving, after) = (done.since(&begun), moved.since(&loaded), done.since(&moved));
    let each = |time| us_each(time, events as u64);
    // Once the load has ended, the threads of the runtime only write files for the keeper.
    let for_tables = |times: &CpuTimes| times.part(KEEPER) + times.part(HTTP);
    let known = all.part(HTTP) + all.part(WRITER) + all.part(JOURNAL) + all.part(KEEPER);
    let sessions = server.metric("playhead_lake_sessions_total")?;
    Ok(Turn {
        empty_us,
        http_us: each(loaded.since(&begun).part(HTTP)),
        writer_us: each(all.part(WRITER)),
        journal_us: each(all.part(JOURNAL)),
        hand_over_us: each(for_tables(&moving)),
        compaction_us: each(for_tables(&after)),
        rest_us: each(all.all().saturating_sub(known)),
        journal_bytes,
        log_bytes: log as f64 / events,
        table_bytes: server.table_bytes("events")? as f64 / events,
        session_bytes: server.table_bytes("sessions")? as f64 / sessions.max(1.0),
    })
}

/// Moves everything into the tables.
fn hand_over(server: &Playhead, events: f64) -> Result<(), Error> {
    loop {
        server.maintain()?;
        if server.metric("playhead_lake_events_total")? >= events {
            return Ok(());
        }
    }
}

/// Measures it.
pub(crate) fn run(size: &Size) -> Result<(), Error> {
    let turns = (0..size.turns()).map(|_| take_turn(size)).collect::<Result<Vec<_>, _>>()?;
    let of = |value: fn(&Turn) -> f64| median(turns.iter().map(value));
    let mut table = Table::new("CPU of an event until the tables have it, us");
    table.row("HTTP", plain(of(|turn| turn.http_us)));
    table.row(
        "writer: deciding, commit, accounting, rows of closed sessions",
        plain(of(|turn| turn.writer_us)),
    );
    table.row("copying of the journal's log", plain(of(|turn| turn.journal_us)));
    table.row("hand-over, compaction and rollups", plain(of(|turn| turn.hand_over_us)));
    table.row("a second round of upkeep, which finds nothing to do", plain(of(|turn| turn.compaction_us)));
    table.row("all else", plain(of(|turn| turn.rest_us)));
    table.row("all", plain(of(Turn::all_us)));
    table.row("empty handler, same requests", plain(of(|turn| turn.empty_us)));
    table.at_most("all : empty handler", of(|turn| turn.all_us() / turn.empty_us), 3.0);
    let with_log = of(|turn| turn.journal_bytes + turn.log_bytes);
    table.at_most("journal, bytes an event (its write-ahead log included)", with_log, 80.0);
    table.row("its file alone, which trails the log", plain(of(|turn| turn.journal_bytes)));
    table.at_most("table of events, bytes an event", of(|turn| turn.table_bytes), 20.0);
    table.row("table of sessions, bytes a session", plain(of(|turn| turn.session_bytes)));
    table.print()
}
