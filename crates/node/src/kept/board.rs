//! A board: panels in an order, each a request as the report API takes it, over the range of whoever looks at it.

use playhead_report::QueryRequest;
use playhead_report::panels::{ConcurrencyRequest, QualityRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::kept::content::Content;
use crate::kept::fields::Fields;
use crate::kept::sides::{check_sides, take_down};
use crate::limits::{BOARD_PANELS, BOARDS, BOARDS_OF_OWNER, KEPT_NAME_BYTES, PANEL_PARAMETERS_BYTES};

/// The parameters that come from the page that shows a board.
const OF_THE_PAGE: [&str; 3] = ["from", "to", "time_zone"];

/// Who gives the range of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The page that shows a board.
    Page,
    /// A schedule.
    Schedule,
}

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::Page => "the page that shows the board",
            Self::Schedule => "the schedule",
        }
    }
}

/// What a panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PanelKind {
    /// One metric over time, with a line for each of the first values of a dimension if it names one: parameters of
    /// `POST /query`.
    Series,
    /// Metrics by the values of up to three dimensions: parameters of `POST /query`.
    Breakdown,
    /// How many were there at the same time: parameters of `GET /concurrency`.
    Concurrency,
    /// Quality of experience: parameters of `GET /quality`.
    Quality,
    /// Two sets of sessions side by side: parameters of `POST /query` with one metric, over time or by one dimension, and in `a` and
    /// `b` the name and the filters of each set.
    SideBySide,
}

/// A panel of a board.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct BoardPanel {
    /// Its title.
    pub title: String,
    /// What it shows.
    pub kind: PanelKind,
    /// The parameters of its request, without `from`, `to` and `time_zone`: these come from the page.
    #[schemars(with = "std::collections::BTreeMap<String, Value>")]
    pub parameters: Map<String, Value>,
}

/// Panels in an order.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Board {
    /// Its name.
    pub name: String,
    /// Whether all tokens see it, or only its owner and the admin token.
    pub is_shared: bool,
    /// Its panels, from the top down.
    pub panels: Vec<BoardPanel>,
}

/// A board in a list, without its panels.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct BoardEntry {
    /// Its name.
    pub name: String,
    /// Whether all tokens see it, or only its owner and the admin token.
    pub is_shared: bool,
    /// How many panels it has.
    pub panel_count: usize,
}

impl Board {
    /// The board as it stands in a list.
    pub fn entry(&self) -> BoardEntry {
        let Self { name, is_shared, panels } = self;
        BoardEntry { name: name.clone(), is_shared: *is_shared, panel_count: panels.len() }
    }
}

impl Content for Board {
    const KIND: &'static str = "boards";
    const ONE: &'static str = "board";
    const MOST: usize = BOARDS;
    const MOST_OF_OWNER: usize = BOARDS_OF_OWNER;

    fn read(fields: &mut Fields<'_>) -> Self {
        let name = fields.line("name", KEPT_NAME_BYTES);
        let is_shared = fields.flag("is_shared");
        let panels = match fields.value("panels") {
            None => Vec::new(),
            Some(Value::Array(panels)) if panels.len() > BOARD_PANELS => {
                let message = format!("holds {} panels; a board has at most {BOARD_PANELS}", panels.len());
                fields.fault("panels", message);
                Vec::new()
            }
            Some(Value::Array(panels)) => {
                let listed = panels.into_iter().enumerate();
                listed.filter_map(|(place, panel)| read_panel(fields, place, panel)).collect()
            }
            Some(_) => {
                fields.fault("panels", "must be a list of panels");
                Vec::new()
            }
        };
        Self { name, is_shared, panels }
    }

    fn is_shared(&self) -> bool {
        self.is_shared
    }
}

fn read_panel(board: &mut Fields<'_>, place: usize, panel: Value) -> Option<BoardPanel> {
    let path = board.path_of(&format!("panels/{place}"));
    let mut fields = Fields::of(panel, path, board.faults());
    let title = fields.line("title", KEPT_NAME_BYTES);
    let kinds = [
        ("series", PanelKind::Series),
        ("breakdown", PanelKind::Breakdown),
        ("concurrency", PanelKind::Concurrency),
        ("quality", PanelKind::Quality),
        ("side_by_side", PanelKind::SideBySide),
    ];
    let kind = fields.choice("kind", &kinds, None);
    let parameters = match fields.value("parameters").unwrap_or_else(|| Value::Object(Map::new())) {
        Value::Object(parameters) => parameters,
        _ => {
            fields.fault("parameters", "must be an object");
            fields.finish();
            return None;
        }
    };
    if let Some(kind) = kind
        && check_call(&mut fields, kind, &parameters, Source::Page)
    {
        check_shape(&mut fields, kind, &parameters, Source::Page);
    }
    fields.finish();
    Some(BoardPanel { title, kind: kind?, parameters })
}

/// Finds the faults of a panel's parameters: the parser of the call finds them, which will have the request later.
/// Whether there are none.
pub(crate) fn check_call(
    panel: &mut Fields<'_>,
    kind: PanelKind,
    parameters: &Map<String, Value>,
    source: Source,
) -> bool {
    let mut is_for_the_call = true;
    for name in OF_THE_PAGE.into_iter().filter(|name| parameters.contains_key(*name)) {
        panel.fault(&format!("parameters/{name}"), format!("comes from {}; leave it out", source.name()));
        is_for_the_call = false;
    }
    let text = Value::Object(parameters.clone()).to_string();
    if text.len() > PANEL_PARAMETERS_BYTES {
        let message = format!("must have at most {PANEL_PARAMETERS_BYTES} bytes of JSON, not {}", text.len());
        panel.fault("parameters", message);
        is_for_the_call = false;
    }
    if !is_for_the_call {
        return false;
    }
    if kind == PanelKind::SideBySide {
        return check_sides(panel, parameters);
    }
    let outcome = match kind {
        PanelKind::Series | PanelKind::Breakdown | PanelKind::SideBySide => {
            QueryRequest::parse(text.as_bytes()).map(|_| ())
        }
        // Of what the parsers read, only the range depends on the time, and it comes later.
        PanelKind::Concurrency => ConcurrencyRequest::parse(&pairs_of(parameters), 0).map(|_| ()),
        PanelKind::Quality => {
            // Its step comes from the range as well, and is a fault of its own.
            let mut own = parameters.clone();
            own.remove("granularity");
            QualityRequest::parse(&pairs_of(&own), 0).map(|_| ())
        }
    };
    take_down(panel, "parameters", outcome)
}

/// Finds what a call would take and a panel cannot show.
pub(crate) fn check_shape(
    panel: &mut Fields<'_>,
    kind: PanelKind,
    parameters: &Map<String, Value>,
    source: Source,
) {
    let count = |name| parameters.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let has_granularity = parameters.contains_key("granularity");
    match kind {
        PanelKind::Series => {
            if count("metrics") != 1 {
                panel.fault("parameters/metrics", "must name one metric: a series has one");
            }
            if count("dimensions") > 1 {
                panel.fault("parameters/dimensions", "may name one dimension, whose values have a line each");
            }
        }
        PanelKind::SideBySide => {
            if count("metrics") != 1 {
                panel.fault(
                    "parameters/metrics",
                    "must name one metric: both sets have a line or a column of it",
                );
            }
            if count("dimensions") > 1 {
                panel.fault("parameters/dimensions", "may name one dimension, whose values have a row each");
            }
        }
        PanelKind::Breakdown if count("dimensions") == 0 => {
            panel.fault("parameters/dimensions", "must name at least one dimension");
        }
        PanelKind::Breakdown | PanelKind::Concurrency | PanelKind::Quality => {}
    }
    if has_granularity && kind != PanelKind::Concurrency {
        let message = format!("comes from the range of {}; leave it out", source.name());
        panel.fault("parameters/granularity", message);
    }
}

/// The parameters as they stand in a query string.
pub(crate) fn pairs_of(parameters: &Map<String, Value>) -> Vec<(String, String)> {
    let written = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    parameters.iter().map(|(name, value)| (name.clone(), written(value))).collect()
}
