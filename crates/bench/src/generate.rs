//! `playhead-bench lake`: generates a lake of sessions and events, and prints the size of its rows.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::time::{Instant, UNIX_EPOCH};

use clap::Args;
use playhead_journal::OwnedEvent;
use playhead_lake::{
    Bounds, Done, Lake, Maintenance, MaintenanceSettings, RowsBuilder, Table, Work, event_batch,
};
use playhead_protocol::time::DAY_MS;
use playhead_protocol::{Delivery, PackedFacts, Wire};
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::SessionRows;
use tokio::sync::mpsc::{Receiver, channel};

use crate::Error;

/// Sessions that one version of a table adds.
const COMMIT_SESSIONS: usize = 50_000;
/// Sessions that pass together from the generator to the writers.
const PAGE_SESSIONS: usize = 10_000;
/// Events that one version of the table of events adds.
const COMMIT_EVENTS: usize = 250_000;
/// One session in this many is also written as JSON, to compare sizes.
const JSON_SHARE: u64 = 1_000;

/// The lake to generate.
#[derive(Debug, Clone, Args)]
pub(crate) struct GenerateCall {
    /// How many sessions.
    #[arg(long, default_value_t = 10_000_000)]
    sessions: u64,
    /// Over how many days, from 2026-01-01 on.
    #[arg(long, default_value_t = 365)]
    days: u32,
    /// How many events; they arrive in the first hours, and belong to sessions of their own.
    #[arg(long, default_value_t = 2_000_000)]
    events: u64,
    /// The same seed gives the same rows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The location of the tables: a directory, or `s3://bucket/prefix` with `AWS_...` in the environment.
    #[arg(long)]
    out: String,
}

/// Rows and their size as JSON.
#[derive(Debug, Default)]
struct JsonSize {
    rows: u64,
    bytes: u64,
}

impl JsonSize {
    fn mean(&self) -> f64 {
        self.bytes as f64 / self.rows.max(1) as f64
    }
}

/// Generates a lake and prints how long it took and the size of its rows.
pub(crate) fn generate(call: &GenerateCall, out: &mut impl Write) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Error::Io("starting the runtime", error))?;
    let mut say = |line: String| writeln!(out, "{line}").map_err(|error| Error::Io("printing", error));
    let lake = Arc::new(Lake::new(crate::location(&call.out)?, "bench")?);
    let began = Instant::now();
    let session_json = runtime.block_on(write_sessions(&lake, call))?;
    say(format!("{} sessions written in {:.1} s", call.sessions, began.elapsed().as_secs_f64()))?;
    let began = Instant::now();
    let event_json = runtime.block_on(write_events(&lake, call))?;
    say(format!("{} events written in {:.1} s", call.events, began.elapsed().as_secs_f64()))?;
    let began = Instant::now();
    let kept = runtime.block_on(maintain(&lake, call))?;
    say(format!("put together in {:.1} s", began.elapsed().as_secs_f64()))?;
    for (table, json) in [(Table::Sessions, &session_json), (Table::Events, &event_json)] {
        let Some((rows, bytes)) = kept.get(table.name()) else { continue };
        let each = *bytes as f64 / (*rows).max(1) as f64;
        let (json, times) = (json.mean(), json.mean() / each);
        let name = table.name();
        say(format!(
            "{name}: {rows} rows, {bytes} bytes, {each:.1} a row; as JSON {json:.1}, {times:.1} times as much"
        ))?;
    }
    Ok(())
}

fn sample_settings(call: &GenerateCall) -> SampleSettings {
    SampleSettings {
        days: call.days,
        sessions: call.sessions,
        wrong_clocks: true,
        ..SampleSettings::default()
    }
}

/// Makes the sessions on one thread while two tasks write them: one the sessions, one their ads, chapters and errors.
async fn write_sessions(lake: &Arc<Lake>, call: &GenerateCall) -> Result<JsonSize, Error> {
    let (to_sessions, sessions) = channel(2);
    let (to_views, views) = channel(2);
    let mut source = Sessions::new(call.seed, sample_settings(call));
    let maker = std::thread::spawn(move || {
        let mut json = JsonSize::default();
        loop {
            let page: Arc<Vec<SessionRows>> = Arc::new(source.by_ref().take(PAGE_SESSIONS).collect());
            if page.is_empty() {
                return json;
            }
            for rows in page.iter().step_by(JSON_SHARE as usize) {
                json.rows += 1;
                json.bytes += serde_json::to_vec(&rows.session).map_or(0, |row| row.len() as u64);
            }
            // A writer that failed does not receive any more.
            if to_sessions.blocking_send(page.clone()).is_err() || to_views.blocking_send(page).is_err() {
                return json;
            }
        }
    });
    let sessions = tokio::spawn(write_tables(lake.clone(), vec![Table::Sessions], sessions));
    let views =
        tokio::spawn(write_tables(lake.clone(), vec![Table::Ads, Table::Chapters, Table::Errors], views));
    for writer in [sessions, views] {
        writer.await.map_err(|error| Error::Unexpected(error.to_string()))??;
    }
    maker.join().map_err(|_| Error::Unexpected("the maker of sessions panicked".into()))
}

async fn write_tables(
    lake: Arc<Lake>,
    tables: Vec<Table>,
    mut pages: Receiver<Arc<Vec<SessionRows>>>,
) -> Result<(), Error> {
    let mut builders: Vec<_> = tables.iter().map(|&table| RowsBuilder::new(table, None)).collect();
    let mut waiting: Vec<_> = tables.iter().map(|_| Vec::new()).collect();
    let mut position = 0;
    let mut taken = 0;
    loop {
        let page = pages.recv().await;
        let is_last = page.is_none();
        for rows in page.as_deref().into_iter().flatten() {
            builders.iter_mut().for_each(|builder| builder.push(rows));
            position += 1;
        }
        for (builder, batches) in builders.iter_mut().zip(&mut waiting) {
            if !builder.is_empty() {
                batches.push(builder.finish()?);
            }
        }
        if position > taken && (is_last || position - taken >= COMMIT_SESSIONS as u64) {
            for (&table, batches) in tables.iter().zip(&mut waiting) {
                lake.append(table, std::mem::take(batches), position).await?;
            }
            taken = position;
        }
        if is_last {
            return Ok(());
        }
    }
}

async fn write_events(lake: &Arc<Lake>, call: &GenerateCall) -> Result<JsonSize, Error> {
    let mut json = JsonSize::default();
    let first_ms = SampleSettings::default().first_day_ms;
    let mut source = playhead_samples::events(call.seed, first_ms).take(call.events as usize);
    let mut sequence = 0;
    loop {
        let events: Vec<OwnedEvent> = source
            .by_ref()
            .take(COMMIT_EVENTS)
            .map(|event| {
                sequence += 1;
                json.rows += 1;
                json.bytes += event.body.len() as u64;
                OwnedEvent {
                    sequence,
                    received_at_ms: event.received_at_ms,
                    session: event.session,
                    previous: None,
                    wire: Wire::CollectionV1,
                    delivery: Delivery::Live,
                    facts: PackedFacts::default(),
                    last_of_batch: false,
                    body: event.body.into_bytes(),
                }
            })
            .collect();
        if events.is_empty() {
            return Ok(json);
        }
        lake.append(Table::Events, [event_batch(&events, &lake.server())?], sequence).await?;
    }
}

/// Compacts the days, makes the rollups, and deletes unneeded files. Returns the rows and bytes of the compacted files, by
/// table.
async fn maintain(
    lake: &Arc<Lake>,
    call: &GenerateCall,
) -> Result<BTreeMap<&'static str, (u64, u64)>, Error> {
    let spill_directory = std::env::temp_dir().join(format!("playhead-bench-{}", std::process::id()));
    let settings = MaintenanceSettings {
        bounds: Bounds { memory_bytes: 2 << 30, threads: 2, spill_directory: spill_directory.clone() },
        retention_days: [].into(),
        unreferenced_for_ms: 0,
        ..MaintenanceSettings::new(Bounds::new(&spill_directory))
    };
    let maintenance = Maintenance::new(settings);
    // After all days of the lake, and after the files of this moment.
    let last_day_ms = SampleSettings::default().first_day_ms + i64::from(call.days) * DAY_MS;
    let written_ms = UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_millis() as i64);
    let now_ms = last_day_ms.max(written_ms) + 30 * DAY_MS;
    let (mut kept, mut failure) = (BTreeMap::<_, (u64, u64)>::new(), None);
    let mut progress = |piece: &Result<Done, playhead_lake::Error>| match piece {
        Ok(done) if done.work == Work::Compact => {
            let (rows, bytes) = kept.entry(done.table).or_default();
            *rows += done.rows;
            *bytes += done.bytes_after;
        }
        Ok(_) => {}
        Err(error) => failure = Some(error.to_string()),
    };
    maintenance.all(lake, now_ms, &mut progress).await;
    // A moment later, nothing needs the files from before compaction any more.
    maintenance.all(lake, now_ms + 1, &mut progress).await;
    let _never_spilled = std::fs::remove_dir_all(&spill_directory);
    failure.map_or(Ok(kept), |failure| Err(Error::Unexpected(failure)))
}
