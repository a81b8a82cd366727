//! The catalogue of metrics, made from the table of session columns and from the definitions of reports. It serves queries,
//! panels, `/catalogue` and the docs.

use std::borrow::Cow;
use std::sync::LazyLock;

use playhead_session::{Column, ColumnType, SESSION_COLUMNS};

use crate::names::fact::Fact;
use crate::names::metric::{Counted, Measure, Metric, MetricKind, STANDARD_STATES, Source, StatePart, Unit};

/// All metrics of the catalogue, in the order of the docs. Those of player states that are not standard are not listed.
pub fn metrics() -> &'static [Metric] {
    static METRICS: LazyLock<Vec<Metric>> = LazyLock::new(|| {
        let mut metrics = who();
        metrics.extend(SESSION_COLUMNS.iter().filter_map(of_column));
        metrics.push(chapter_time_spent());
        metrics.extend(IMPACTED.iter().map(impacted));
        metrics.extend(STANDARD_STATES.into_iter().flat_map(|state| {
            StatePart::ALL.map(|part| of_state(format!("{state}{}", part.suffix()).into(), state, part))
        }));
        let counted = metrics.clone();
        metrics.extend(RATIOS.iter().filter_map(|ratio| ratio.metric(&counted)));
        metrics.extend(QUANTILES.iter().flat_map(|column| PERCENTS.map(|percent| quantile(column, percent))));
        metrics
    });
    &METRICS
}

const EVERY_FACT: [Fact; 3] = [Fact::Ads, Fact::Chapters, Fact::Errors];

fn who() -> Vec<Metric> {
    let over = |sessions: Measure, views: Measure| {
        let views = EVERY_FACT.map(|fact| (fact, views.clone()));
        Counted(std::iter::once((Fact::Sessions, sessions)).chain(views).collect())
    };
    let metric = |name, definition, formula, counted| Metric {
        name: Cow::Borrowed(name),
        aliases: &[],
        unit: Unit::Count,
        definition: Cow::Borrowed(definition),
        formula: Cow::Borrowed(formula),
        source: Source::Reports,
        kind: MetricKind::Counted(counted),
    };
    vec![
        metric(
            "sessions",
            "Sessions; by a dimension of ads, chapters or errors, those with such a one.",
            "count(distinct session_id)",
            over(Measure::Rows, Measure::DistinctSessions),
        ),
        metric(
            "visitors",
            "Distinct visitors: by marketing_cloud_user_id, else visitor_id, else app_installation_id, else the session; ids of different kinds are different visitors.",
            "count(distinct visitor_key)",
            over(Measure::DistinctVisitors, Measure::DistinctVisitors),
        ),
    ]
}

/// Columns whose metric has a name of its own: the column, the metric, other names of the metric.
const NAMES: &[(&str, &str, &[&str])] = &[
    ("is_open", "open_sessions", &[]),
    ("media_start", "media_starts", &["media_start"]),
    ("content_resume", "content_resumes", &["content_resume"]),
    ("content_start", "content_starts", &["content_start"]),
    ("content_complete", "content_completes", &["content_complete", "completes"]),
    ("drop_before_start", "drops_before_start", &["drop_before_start"]),
    ("start_failure", "start_failures", &["start_failure"]),
    ("exit_before_start", "exits_before_start", &["exit_before_start"]),
    ("ad_count", "ad_starts", &["ad_count"]),
    ("chapter_count", "chapter_starts", &["chapter_count"]),
];

/// The measure over rows of views or errors that equals a session column.
fn over_views(column: &str) -> Option<(Fact, Measure)> {
    Some(match column {
        "ad_count" => (Fact::Ads, Measure::Rows),
        "ad_completes" => (Fact::Ads, Measure::End("completed")),
        "ad_skips" => (Fact::Ads, Measure::End("skipped")),
        "ad_time_spent" => (Fact::Ads, Measure::SumNumber("time_played")),
        "chapter_count" => (Fact::Chapters, Measure::Rows),
        "chapter_completes" => (Fact::Chapters, Measure::End("completed")),
        "chapter_skips" => (Fact::Chapters, Measure::End("skipped")),
        "error_events" => (Fact::Errors, Measure::Rows),
        _ => return None,
    })
}

/// The metric of a session column: the sum of counts, flags and durations; for other numbers a sum or a mean.
fn of_column(column: &Column) -> Option<Metric> {
    let renamed = NAMES.iter().find(|(of, ..)| *of == column.name);
    let (name, aliases) = renamed.map_or((column.name, &[][..]), |(_, name, aliases)| (*name, *aliases));
    let source = column.section.map_or(Source::Reports, Source::Accounting);
    let metric = |unit, definition: String, formula: String, kind| Metric {
        name: Cow::Borrowed(name),
        aliases,
        unit,
        definition: definition.into(),
        formula: formula.into(),
        source,
        kind,
    };
    let summed = |measure: Measure| {
        let views = over_views(column.name);
        MetricKind::Counted(Counted(std::iter::once((Fact::Sessions, measure)).chain(views).collect()))
    };
    let meaning = column.meaning;
    let sum = format!("sum({})", column.name);
    Some(match (column.column_type, column.name) {
        (ColumnType::Boolean, _) => {
            metric(Unit::Count, format!("Sessions in which this holds: {meaning}"), sum, summed(Measure::Sum(column.name)))
        }
        (ColumnType::Count, _) => {
            metric(Unit::Count, meaning.to_owned(), sum, summed(Measure::Sum(column.name)))
        }
        (ColumnType::Seconds, _) => {
            metric(Unit::Seconds, meaning.to_owned(), sum, summed(Measure::SumNumber(column.name)))
        }
        (ColumnType::Number, "average_minute_audience") => metric(
            Unit::Viewers,
            "Content time spent divided by content length, added up over the sessions, each with the length that it has itself: \
             for one content, the number of viewers in an average minute of it. A session without a length adds nothing."
                .to_owned(),
            sum,
            summed(Measure::SumNumber(column.name)),
        ),
        (ColumnType::Number, "dropped_frames") => {
            metric(Unit::Frames, meaning.to_owned(), sum, summed(Measure::SumNumber(column.name)))
        }
        (ColumnType::Number, "time_to_start_ms") => {
            metric(Unit::Milliseconds, meaning.to_owned(), sum, summed(Measure::SumNumber(column.name)))
        }
        (ColumnType::Number, _) => {
            let unit = match column.name {
                "average_bitrate" => Unit::Bitrate,
                "qoe_score" => Unit::Points,
                _ => Unit::FramesPerSecond,
            };
            let definition = format!("The mean over the sessions that have one: {meaning}");
            metric(unit, definition, format!("avg({})", column.name), mean(column.name))
        }
        _ => return None,
    })
}

fn on_sessions(measure: Measure) -> Counted {
    Counted(vec![(Fact::Sessions, measure)])
}

fn mean(column: &'static str) -> MetricKind {
    MetricKind::Ratio {
        numerator: vec![on_sessions(Measure::SumNumber(column))],
        denominator: vec![on_sessions(Measure::Present(column))],
        scale: 1.0,
    }
}

fn chapter_time_spent() -> Metric {
    Metric {
        name: Cow::Borrowed("chapter_time_spent"),
        aliases: &[],
        unit: Unit::Seconds,
        definition: Cow::Borrowed("Time during which chapters played."),
        formula: Cow::Borrowed("sum(chapters.time_played)"),
        source: Source::Accounting(3),
        kind: MetricKind::Counted(Counted(vec![(Fact::Chapters, Measure::SumNumber("time_played"))])),
    }
}

/// The metrics that count sessions with at least one event of a kind: the metric, the event in words, and the column that
/// counts the events.
const IMPACTED: &[(&str, &str, &str)] = &[
    ("pause_impacted_streams", "at least one pause", "pause_events"),
    ("buffer_impacted_streams", "at least one buffering phase", "buffer_events"),
    ("stall_impacted_streams", "at least one stall", "stall_events"),
    ("error_impacted_streams", "at least one error", "error_events"),
    ("bitrate_change_impacted_streams", "at least one change of the bitrate", "bitrate_changes"),
    ("dropped_frame_impacted_streams", "at least one dropped frame, as last reported", "dropped_frames"),
];

fn impacted((name, what, column): &(&'static str, &'static str, &'static str)) -> Metric {
    let mut counted = on_sessions(Measure::Positive(column));
    if *column == "error_events" {
        counted.0.push((Fact::Errors, Measure::DistinctSessions));
    }
    Metric {
        name: Cow::Borrowed(name),
        aliases: &[],
        unit: Unit::Count,
        definition: format!("Sessions with {what}.").into(),
        formula: format!("count(sessions where {column} > 0)").into(),
        source: Source::Accounting(7),
        kind: MetricKind::Counted(counted),
    }
}

/// The other way to write `fullScreen` (metrics contract, section 9).
pub(crate) const OTHER_FULL_SCREEN: &str = "fullscreen";

/// The metric of a player state, with this name.
pub(crate) fn of_state(name: Cow<'static, str>, state: &str, part: StatePart) -> Metric {
    let state = if state == OTHER_FULL_SCREEN { "fullScreen" } else { state };
    let (unit, definition, formula) = match part {
        StatePart::ImpactedStreams => (
            Unit::Count,
            format!("Sessions in which the player state {state} was open."),
            format!("count(sessions where states[{state}].count > 0)"),
        ),
        StatePart::Count => (
            Unit::Count,
            format!("How often the player state {state} began."),
            format!("sum(states[{state}].count)"),
        ),
        StatePart::Time => (
            Unit::Seconds,
            format!("Time for which the player state {state} was open."),
            format!("sum(states[{state}].time)"),
        ),
    };
    Metric {
        name,
        aliases: &[],
        unit,
        definition: definition.into(),
        formula: formula.into(),
        source: Source::Accounting(9),
        kind: MetricKind::Counted(on_sessions(Measure::State(state.into(), part))),
    }
}

/// A metric that is computed from others.
struct RatioMetric {
    name: &'static str,
    numerator: &'static str,
    denominators: &'static [&'static str],
    scale: f64,
    unit: Unit,
    definition: &'static str,
}

const fn ratio(
    name: &'static str,
    numerator: &'static str,
    denominators: &'static [&'static str],
    unit: Unit,
    definition: &'static str,
) -> RatioMetric {
    RatioMetric { name, numerator, denominators, scale: 1.0, unit, definition }
}

#[rustfmt::skip]
const RATIOS: &[RatioMetric] = &[
    ratio("ads_per_stream", "ad_starts", &["media_starts"], Unit::Ratio, "Ads started for each media start."),
    ratio("chapters_per_stream", "chapter_starts", &["media_starts"], Unit::Ratio, "Chapters started for each media start."),
    ratio("average_media_time_spent", "media_time_spent", &["media_starts"], Unit::Seconds, "Media time spent for each media start."),
    ratio("average_content_time_spent", "content_time_spent", &["content_starts"], Unit::Seconds, "Content time spent for each content start."),
    ratio("average_ad_time_spent", "ad_time_spent", &["ad_starts"], Unit::Seconds, "Ad time spent for each ad started."),
    ratio("average_chapter_time_spent", "chapter_time_spent", &["chapter_starts"], Unit::Seconds, "Time spent in chapters for each chapter started."),
    ratio("media_completion_rate", "content_completes", &["media_starts"], Unit::Ratio, "Content completes for each media start."),
    ratio("content_completion_rate", "content_completes", &["content_starts"], Unit::Ratio, "Content completes for each content start."),
    ratio("ad_completion_rate", "ad_completes", &["ad_starts"], Unit::Ratio, "Share of the ads started that were completed."),
    ratio("ad_skip_rate", "ad_skips", &["ad_starts"], Unit::Ratio, "Share of the ads started that were skipped."),
    ratio("chapter_completion_rate", "chapter_completes", &["chapter_starts"], Unit::Ratio, "Share of the chapters started that were completed."),
    ratio("drop_before_start_rate", "drops_before_start", &["media_starts"], Unit::Ratio, "Sessions that closed without content start, for each media start."),
    ratio("pause_rate", "total_pause_duration", &["content_time_spent"], Unit::Ratio, "Time paused for each second of content."),
    ratio("buffer_rate", "total_buffer_duration", &["content_time_spent"], Unit::Ratio, "Time buffering for each second of content."),
    RatioMetric { scale: 0.001, ..ratio("time_to_start_rate", "time_to_start_ms", &["content_time_spent"], Unit::Ratio, "Time to start, in seconds, for each second of content.") },
    ratio("ad_time_rate", "ad_time_spent", &["content_time_spent"], Unit::Ratio, "Time of ads for each second of content."),
    ratio("rebuffer_ratio", "total_buffer_duration", &["total_buffer_duration", "content_time_spent"], Unit::Ratio, "Share of buffering in the time of content and buffering."),
    ratio("start_failure_rate", "start_failures", &["sessions"], Unit::Ratio, "Share of the sessions that closed without content start, with an error."),
    ratio("exit_before_start_rate", "exits_before_start", &["sessions"], Unit::Ratio, "Share of the sessions that closed without content start and without an error."),
    ratio("error_rate", "error_impacted_streams", &["sessions"], Unit::Ratio, "Share of the sessions with at least one error."),
    ratio("errors_per_stream", "error_events", &["media_starts"], Unit::Ratio, "Errors for each media start."),
];

impl RatioMetric {
    fn metric(&self, counted: &[Metric]) -> Option<Metric> {
        let find = |name: &str| {
            let metric = counted.iter().find(|metric| metric.name == name)?;
            match &metric.kind {
                MetricKind::Counted(counted) => Some(counted.clone()),
                MetricKind::Ratio { .. } => None,
            }
        };
        let denominator: Option<Vec<Counted>> = self.denominators.iter().map(|name| find(name)).collect();
        let below = match self.denominators {
            [one] => (*one).to_owned(),
            several => format!("({})", several.join(" + ")),
        };
        let above =
            if self.scale == 1.0 { self.numerator.to_owned() } else { format!("{} / 1000", self.numerator) };
        Some(Metric {
            name: Cow::Borrowed(self.name),
            aliases: &[],
            unit: self.unit,
            definition: Cow::Borrowed(self.definition),
            formula: format!("{above} / {below}").into(),
            source: Source::Reports,
            kind: MetricKind::Ratio {
                numerator: vec![find(self.numerator)?],
                denominator: denominator?,
                scale: self.scale,
            },
        })
    }
}

const QUANTILES: [&str; 3] = ["time_to_start_ms", "average_bitrate", "total_buffer_duration"];
const PERCENTS: [u8; 4] = [50, 90, 95, 99];

fn quantile(column: &'static str, percent: u8) -> Metric {
    let unit = match column {
        "time_to_start_ms" => Unit::Milliseconds,
        "average_bitrate" => Unit::Bitrate,
        _ => Unit::Seconds,
    };
    Metric {
        name: format!("{column}_p{percent}").into(),
        aliases: &[],
        unit,
        definition: format!(
            "The value that {percent} % of the sessions with {column} do not exceed; exact, interpolated between two sessions."
        )
        .into(),
        formula: format!("percentile_cont({}) within group (order by {column})", f64::from(percent) / 100.0).into(),
        source: Source::Reports,
        kind: MetricKind::Counted(on_sessions(Measure::Quantile(column, percent))),
    }
}
