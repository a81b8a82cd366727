//! Collection at 70 % of its limit while reports are asked for without a pause.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::Error;
use crate::load::{Audience, Course, Pace};
use crate::parts::Size;
use crate::playhead::Playhead;
use crate::report::{Table, median, ms, plain};

/// Sessions at one time.
const SESSIONS: usize = 20_000;
/// The share of the limit.
const SHARE: f64 = 0.7;
/// What is asked, one after the other.
const QUERIES: [(&str, &str); 2] = [
    ("/reports/v1/query", r#"{"metrics":["media_starts","content_time_spent"],"dimensions":["channel"]}"#),
    ("/reports/v1/sql", r#"{"query":"select event_type, count(*) from events group by 1"}"#),
];

/// Asks until told to stop: how many answers came.
fn ask(server: &Playhead, stop: &AtomicBool, answers: &AtomicU64) -> Result<(), Error> {
    for (path, body) in QUERIES.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        server.ask("POST", path, body)?;
        answers.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Sends at the pace while two clients ask.
fn play_beside(
    server: &Playhead,
    audience: &mut Audience,
    pace: Pace,
    answers: &AtomicU64,
) -> Result<f64, Error> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let askers = [(); 2].map(|()| scope.spawn(|| ask(server, &stop, answers)));
        let measured = audience.play(pace);
        stop.store(true, Ordering::Relaxed);
        for asker in askers {
            asker.join().map_err(|_| Error::Unexpected("a client panicked".into()))??;
        }
        measured.map(|measured| ms(measured.quantile(0.99)))
    })
}

/// Measures it.
pub(crate) fn run(size: &Size) -> Result<(), Error> {
    let server = Playhead::start(&["--lake-interval", "10s"])?;
    let mut audience = Audience::open(server.address, size.connections, SESSIONS, Course::Whole)?;
    let limit = audience.play(Pace { duration: size.duration(), rate: None })?.taken_per_second();
    let pace = Pace { duration: size.duration() * 2, rate: Some(limit * SHARE) };
    let answers = AtomicU64::new(0);
    let (mut quiet, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..size.turns() {
        quiet.push(ms(audience.play(pace)?.quantile(0.99)));
        beside.push(play_beside(&server, &mut audience, pace, &answers)?);
    }
    let seconds = pace.duration.as_secs_f64() * size.turns() as f64;
    let mut table = Table::new("Events at 70 % of the limit while reports are asked for");
    table.row("limit, closed loop, events/s", plain(limit));
    table.row("offered, events/s", plain(limit * SHARE));
    table.row("p99 without queries, ms", plain(median(quiet.iter().copied())));
    table.row("p99 with two clients that query without a pause, ms", plain(median(beside.iter().copied())));
    table.row("answers to queries, each second", plain(answers.into_inner() as f64 / seconds));
    let ratios = quiet.iter().zip(&beside).map(|(quiet, beside)| beside / quiet);
    table.at_most("p99 with : without", median(ratios), 2.0);
    table.print()
}
