//! A schedule: a report that is sent by itself, again and again.

pub mod places;
pub mod relative_range;
pub mod when;

use playhead_report::Zone;
use playhead_report::panels::ConcurrencyRequest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::kept::board::{PanelKind, Source, check_call, check_shape, pairs_of};
use crate::kept::content::Content;
use crate::kept::fields::Fields;
use crate::kept::schedule::places::{Destination, Places};
use crate::kept::schedule::relative_range::RelativeRange;
use crate::kept::schedule::when::When;
use crate::limits::{KEPT_NAME_BYTES, SCHEDULES};

/// A moment at which the month before has 31 days.
const BEHIND_LONG_MONTH_MS: i64 = 1_769_904_000_000;

/// What is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduledKind {
    /// Any query: parameters of `POST /query`.
    Query,
    /// A panel of that kind.
    Series,
    /// A panel of that kind.
    Breakdown,
    /// A panel of that kind: parameters of `GET /concurrency`.
    Concurrency,
    /// A panel of that kind: parameters of `GET /quality`.
    Quality,
}

impl ScheduledKind {
    /// The kind of the panel; `None` for a query.
    const fn panel(self) -> Option<PanelKind> {
        match self {
            Self::Query => None,
            Self::Series => Some(PanelKind::Series),
            Self::Breakdown => Some(PanelKind::Breakdown),
            Self::Concurrency => Some(PanelKind::Concurrency),
            Self::Quality => Some(PanelKind::Quality),
        }
    }
}

/// A report: a query, or a panel as a board has it.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct ScheduledReport {
    /// What it shows.
    pub kind: ScheduledKind,
    /// The parameters of its query, without `from`, `to` and `time_zone`: these come from the schedule.
    #[schemars(with = "std::collections::BTreeMap<String, Value>")]
    pub parameters: Map<String, Value>,
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Rows as `POST /query`, `GET /concurrency` and `GET /quality` give them as `text/csv`.
    Csv,
    /// A picture: a chart or a table, with title, range, zone and legend.
    Png,
}

impl FileFormat {
    /// The ending of a file's name.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Png => "png",
        }
    }
}

/// A report that is sent by itself.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// What is sent.
    pub report: ScheduledReport,
    /// The range that it is about, when it is due: `today`, `yesterday`, `last_week`, `last_month`, `7d`, `24h`.
    #[schemars(with = "String")]
    pub range: RelativeRange,
    /// The time zone of the range and of the times; null for that of reports that name none (`--time-zone`).
    #[schemars(with = "Option<String>")]
    pub time_zone: Option<Zone>,
    /// When it is sent.
    pub when: When,
    /// As which file.
    pub format: FileFormat,
    /// Where to.
    pub to: Destination,
    /// Whether it is kept without being sent.
    #[serde(default)]
    pub is_paused: bool,
}

impl ScheduledReport {
    fn read(schedule: &mut Fields<'_>) -> Option<Self> {
        let path = schedule.path_of("report");
        let Some(value) = schedule.value("report") else {
            schedule.fault("report", "is required");
            return None;
        };
        let mut fields = Fields::of(value, path, schedule.faults());
        let kinds = [
            ("query", ScheduledKind::Query),
            ("series", ScheduledKind::Series),
            ("breakdown", ScheduledKind::Breakdown),
            ("concurrency", ScheduledKind::Concurrency),
            ("quality", ScheduledKind::Quality),
        ];
        let kind = fields.choice("kind", &kinds, None);
        let parameters = match fields.value("parameters").unwrap_or_else(|| Value::Object(Map::new())) {
            Value::Object(parameters) => Some(parameters),
            _ => {
                fields.fault("parameters", "must be an object");
                None
            }
        };
        if let (Some(kind), Some(parameters)) = (kind, &parameters) {
            let panel = kind.panel();
            let is_taken =
                check_call(&mut fields, panel.unwrap_or(PanelKind::Series), parameters, Source::Schedule);
            if let (true, Some(panel)) = (is_taken, panel) {
                check_shape(&mut fields, panel, parameters, Source::Schedule);
            }
        }
        fields.finish();
        Some(Self { kind: kind?, parameters: parameters? })
    }
}

/// Finds that the panel never has as long a range: such a schedule would fail whenever it is due.
fn check_length(report: &ScheduledReport, range: RelativeRange, fields: &mut Fields<'_>) {
    if report.kind != ScheduledKind::Concurrency {
        return;
    }
    let Some(ends) = range.ends(BEHIND_LONG_MONTH_MS, &Zone::UTC) else { return };
    let mut parameters = report.parameters.clone();
    parameters.insert("from".to_owned(), Value::from(Zone::UTC.written(ends.from_ms)));
    parameters.insert("to".to_owned(), Value::from(Zone::UTC.written(ends.to_ms)));
    let parsed = ConcurrencyRequest::parse(&pairs_of(&parameters), BEHIND_LONG_MONTH_MS);
    if let Err(playhead_report::Error::Invalid(faults)) = parsed {
        for fault in faults.into_iter().filter(|fault| fault.path == "from") {
            fields.fault("range", fault.message);
        }
    }
}

impl Schedule {
    /// The zone of its range and its times.
    pub(crate) fn zone<'zone>(&'zone self, usual: &'zone Zone) -> &'zone Zone {
        self.time_zone.as_ref().unwrap_or(usual)
    }
}

impl Content for Schedule {
    const KIND: &'static str = "schedules";
    const ONE: &'static str = "schedule";
    const MOST: usize = SCHEDULES;
    const MOST_OF_OWNER: usize = SCHEDULES;

    fn read(fields: &mut Fields<'_>) -> Self {
        let name = fields.line("name", KEPT_NAME_BYTES);
        let report = ScheduledReport::read(fields)
            .unwrap_or_else(|| ScheduledReport { kind: ScheduledKind::Query, parameters: Map::new() });
        let range = fields.value("range");
        let range = match range.as_ref().and_then(Value::as_str).unwrap_or_default().parse() {
            Ok(range) => range,
            Err(message) => {
                fields.fault("range", message);
                RelativeRange::Yesterday
            }
        };
        check_length(&report, range, fields);
        let zone_path = fields.path_of("time_zone");
        let zone = fields.value("time_zone");
        let time_zone =
            zone.as_ref().map(|zone| Zone::parse(Some(zone), &zone_path, &Zone::UTC, fields.faults()));
        let when = When::read(fields);
        let formats = [("csv", FileFormat::Csv), ("png", FileFormat::Png)];
        let format = fields.choice("format", &formats, None).unwrap_or(FileFormat::Csv);
        let to = Destination::read(fields);
        Self { name, report, range, time_zone, when, format, to, is_paused: fields.flag("is_paused") }
    }

    fn check(&self, places: &Places, fields: &mut Fields<'_>) {
        if let Some((path, message)) = places.refuses(&self.to) {
            fields.faults().push(path, message);
        }
    }

    fn is_shared(&self) -> bool {
        false
    }
}
