//! `playhead-bench reports`: runs queries over a lake through the report engine and prints their times and responses, for
//! a comparison with another engine on the same files.

use std::fmt::Display;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use playhead_lake::Lake;
use playhead_report::panels::{
    AdsRequest, AudienceRequest, ConcurrencyRequest, FunnelRequest, QualityRequest, RetentionRequest,
    TimeSpentRequest,
};
use playhead_report::{EngineSettings, NothingUnstored, QueryRequest, Reports};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

/// The moment that counts as now for the panels; all queries of a comparison name their ranges.
const NOW_MS: i64 = i64::MAX;

/// The queries to run.
#[derive(Debug, Clone, Args)]
pub(crate) struct QueriesCall {
    /// The lake: a directory, or `s3://bucket/prefix` with `AWS_...` in the environment.
    #[arg(long)]
    lake: String,
    /// A file with the queries: a JSON list of `{"name", "kind", "query"}`. `kind` is `query`, `sql`, or the name of a
    /// panel; `query` is the body of a query, the text of a query in SQL, or an object with a panel's parameters.
    #[arg(long)]
    queries: PathBuf,
    /// How often each query runs; the median counts.
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// Threads of a query.
    #[arg(long, default_value = "2")]
    threads: NonZeroUsize,
}

/// One query.
#[derive(Debug, Deserialize)]
struct ReportQuery {
    name: String,
    kind: String,
    query: Value,
}

/// The outcome of one query: its response or its error.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    name: &'a str,
    median_ms: f64,
    response: Option<Value>,
    error: Option<String>,
}

/// Runs all queries and prints one JSON object for each, on a line of its own.
pub(crate) fn run(call: &QueriesCall, out: &mut impl Write) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(call.threads.get())
        .max_blocking_threads(call.threads.get())
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Error::Io("starting the runtime", error))?;
    let text = std::fs::read(&call.queries).map_err(|error| Error::Io("reading the queries", error))?;
    let queries: Vec<ReportQuery> = serde_json::from_slice(&text).map_err(unexpected)?;
    let lake = Arc::new(Lake::new(crate::location(&call.lake)?, "bench")?);
    let settings = EngineSettings {
        memory_bytes: 4 << 30,
        query_memory_bytes: 4 << 30,
        query_time: Duration::from_secs(300),
        query_threads: Some(call.threads),
        ..EngineSettings::default()
    };
    let reports = Reports::new(lake, NothingUnstored, settings).map_err(unexpected)?;
    for query in &queries {
        let mut times = Vec::new();
        let mut outcome = Err("never run".to_owned());
        for _turn in 0..call.turns.max(1) {
            let began = Instant::now();
            outcome = runtime.block_on(respond(&reports, query));
            times.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        let (response, error) =
            outcome.map_or_else(|error| (None, Some(error)), |response| (Some(response), None));
        let outcome = Outcome { name: &query.name, median_ms: times[times.len() / 2], response, error };
        let line = serde_json::to_string(&outcome).map_err(unexpected)?;
        writeln!(out, "{line}").map_err(|error| Error::Io("printing", error))?;
    }
    Ok(())
}

async fn respond(reports: &Reports, query: &ReportQuery) -> Result<Value, String> {
    macro_rules! panel {
        ($request:ident, $method:ident) => {{
            let request = $request::parse(&parameters(&query.query), NOW_MS).map_err(said)?;
            as_json(&reports.$method(&request).await.map_err(said)?)
        }};
    }
    match query.kind.as_str() {
        "query" => {
            let body = query.query.to_string();
            let request = QueryRequest::parse(body.as_bytes()).map_err(said)?;
            as_json(&reports.query(&request).await.map_err(said)?)
        }
        "sql" => sql(reports, query.query.as_str().unwrap_or_default()).await,
        "concurrency" => panel!(ConcurrencyRequest, concurrency),
        "audience" => panel!(AudienceRequest, audience),
        "retention" => panel!(RetentionRequest, retention),
        "funnel" => panel!(FunnelRequest, funnel),
        "time_spent" => panel!(TimeSpentRequest, time_spent),
        "quality" => panel!(QualityRequest, quality),
        "ads" => panel!(AdsRequest, ads),
        other => Err(format!("unknown kind of query: {other}")),
    }
}

/// The rows of a query in SQL, with every value as text.
async fn sql(reports: &Reports, text: &str) -> Result<Value, String> {
    let batches = reports.context().sql(text).await.map_err(said)?.collect().await.map_err(said)?;
    let rows: Result<Vec<Vec<Vec<Value>>>, String> = batches.iter().map(texts).collect();
    as_json(&rows?.concat())
}

fn texts(batch: &RecordBatch) -> Result<Vec<Vec<Value>>, String> {
    let options = FormatOptions::default();
    let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
    let columns: Vec<_> = columns.collect::<Result<_, _>>().map_err(said)?;
    let cell = |place: usize, row: usize| match batch.column(place).is_null(row) {
        true => Value::Null,
        false => Value::from(columns[place].value(row).to_string()),
    };
    Ok((0..batch.num_rows()).map(|row| (0..columns.len()).map(|place| cell(place, row)).collect()).collect())
}

/// A panel's parameters, as in a URL.
fn parameters(query: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = query.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), text(value))).collect()
}

fn as_json(response: &impl Serialize) -> Result<Value, String> {
    serde_json::to_value(response).map_err(said)
}

fn said(error: impl Display) -> String {
    error.to_string()
}

fn unexpected(error: impl Display) -> Error {
    Error::Unexpected(error.to_string())
}
