//! `playhead-bench reports`: questions asked of a lake through the report engine, with their times and answers, for a
//! comparison with another engine on the same files.

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

/// The moment that counts as now for the panels: all questions of a comparison name their ranges.
const NOW_MS: i64 = 0;

/// The questions to ask.
#[derive(Debug, Clone, Args)]
pub(crate) struct AskCall {
    /// The lake: a directory, or `s3://bucket/prefix` with `AWS_...` in the environment.
    #[arg(long)]
    lake: String,
    /// A file with the questions: a JSON list of `{"name", "ask", "question"}`. `ask` is `query`, `sql`, or the name of a
    /// panel; `question` is the body of a query, the text of a query in SQL, or an object with a panel's parameters.
    #[arg(long)]
    questions: PathBuf,
    /// How often each is asked; the first time counts as little as any other.
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// Threads that work on a question.
    #[arg(long, default_value = "2")]
    threads: NonZeroUsize,
}

/// One question.
#[derive(Debug, Deserialize)]
struct ReportQuery {
    name: String,
    ask: String,
    question: Value,
}

/// One question's answer; or what was wrong with it.
#[derive(Debug, Serialize)]
struct Answered<'a> {
    name: &'a str,
    median_ms: f64,
    answer: Option<Value>,
    error: Option<String>,
}

/// Asks all questions and prints a JSON object a line, one for each.
pub(crate) fn ask(call: &AskCall, out: &mut impl Write) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(call.threads.get())
        .max_blocking_threads(call.threads.get())
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Error::Io("starting the runtime", error))?;
    let text = std::fs::read(&call.questions).map_err(|error| Error::Io("reading the questions", error))?;
    let questions: Vec<ReportQuery> = serde_json::from_slice(&text).map_err(unexpected)?;
    let lake = Arc::new(Lake::new(crate::location(&call.lake)?, "bench")?);
    let settings = EngineSettings {
        memory_bytes: 4 << 30,
        query_memory_bytes: 4 << 30,
        query_time: Duration::from_secs(300),
        query_threads: Some(call.threads),
        ..EngineSettings::default()
    };
    let reports = Reports::new(lake, NothingUnstored, settings).map_err(unexpected)?;
    for question in &questions {
        let mut times = Vec::new();
        let mut outcome = Err("never asked".to_owned());
        for _turn in 0..call.turns.max(1) {
            let began = Instant::now();
            outcome = runtime.block_on(answer(&reports, question));
            times.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        let (answer, error) = outcome.map_or_else(|error| (None, Some(error)), |answer| (Some(answer), None));
        let answered = Answered { name: &question.name, median_ms: times[times.len() / 2], answer, error };
        let line = serde_json::to_string(&answered).map_err(unexpected)?;
        writeln!(out, "{line}").map_err(|error| Error::Io("printing", error))?;
    }
    Ok(())
}

async fn answer(reports: &Reports, question: &ReportQuery) -> Result<Value, String> {
    macro_rules! panel {
        ($request:ident, $method:ident) => {{
            let request = $request::parse(&parameters(&question.question), NOW_MS).map_err(said)?;
            as_json(&reports.$method(&request).await.map_err(said)?)
        }};
    }
    match question.ask.as_str() {
        "query" => {
            let body = question.question.to_string();
            let request = QueryRequest::parse(body.as_bytes()).map_err(said)?;
            as_json(&reports.query(&request).await.map_err(said)?)
        }
        "sql" => sql(reports, question.question.as_str().unwrap_or_default()).await,
        "concurrency" => panel!(ConcurrencyRequest, concurrency),
        "audience" => panel!(AudienceRequest, audience),
        "retention" => panel!(RetentionRequest, retention),
        "funnel" => panel!(FunnelRequest, funnel),
        "time_spent" => panel!(TimeSpentRequest, time_spent),
        "quality" => panel!(QualityRequest, quality),
        "ads" => panel!(AdsRequest, ads),
        other => Err(format!("no such kind of question: {other}")),
    }
}

/// The rows of a query in SQL, every value as text.
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

/// A panel's parameters, as a URL would have them.
fn parameters(question: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = question.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), text(value))).collect()
}

fn as_json(answer: &impl Serialize) -> Result<Value, String> {
    serde_json::to_value(answer).map_err(said)
}

fn said(error: impl Display) -> String {
    error.to_string()
}

fn unexpected(error: impl Display) -> Error {
    Error::Unexpected(error.to_string())
}
