//! The flags of reports that are panels.

use playhead_node::tables::queries::Panel;
use serde_json::{Value, json};

use crate::commands::filter_text::FilterText;

/// The flags that choose a panel.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PanelFlags {
    /// Report a panel instead of metrics: how many were there at the same time, or the quality of playback
    #[arg(long, value_name = "concurrency|quality", hide_possible_values = true,
        conflicts_with_all = ["metrics", "order_by"])]
    pub panel: Option<PanelName>,
    /// What concurrency counts
    #[arg(long, value_name = "sessions|visitors", requires = "panel")]
    pub count: Option<String>,
    /// In which state concurrency counts them
    #[arg(long, value_name = "active|playing", requires = "panel")]
    pub state: Option<String>,
}

/// A panel that has rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PanelName {
    /// How many were there at the same time
    Concurrency,
    /// Quality of playback
    Quality,
}

impl PanelName {
    /// The panel.
    pub(crate) const fn panel(self) -> Panel {
        match self {
            Self::Concurrency => Panel::Concurrency,
            Self::Quality => Panel::Quality,
        }
    }
}

/// The other flags of a panel, which queries have as well.
pub(crate) struct SharedFlags<'args> {
    pub by: &'args [String],
    pub granularity: Option<&'args str>,
    pub filter: &'args [FilterText],
    pub segment: Option<&'args str>,
    pub limit: Option<u64>,
    pub names: bool,
}

impl PanelFlags {
    /// The parameters of the call for a panel. Which of them the panel has, the call itself says.
    pub(crate) fn parameters(&self, shared: &SharedFlags<'_>) -> Vec<(&'static str, Value)> {
        let filters: Vec<Value> = shared.filter.iter().map(FilterText::condition).cloned().collect();
        let all = [
            ("by", (!shared.by.is_empty()).then(|| json!(shared.by.join(",")))),
            ("granularity", shared.granularity.map(Value::from)),
            ("filters", (!filters.is_empty()).then_some(Value::Array(filters))),
            ("segment", shared.segment.map(Value::from)),
            ("limit", shared.limit.map(Value::from)),
            ("names", shared.names.then_some(Value::Bool(true))),
            ("count", self.count.as_deref().map(Value::from)),
            ("state", self.state.as_deref().map(Value::from)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
