//! The columns of rows that come from parameters, and their values in one pass over what was sent.

use std::sync::LazyLock;

use playhead_protocol::{Carrier, EventType, PackedParams, Param, ParamId};

use crate::rows::caseless::caseless_cell;
use crate::rows::cell::Cell;

/// Columns that come from parameters, in order.
#[derive(Debug)]
pub(crate) struct ParamColumns {
    columns: Vec<(ParamId, &'static str)>,
    /// By the parameter's place in the table: the place of its column.
    places: Vec<Option<usize>>,
}

/// The columns of `sessionStart`.
pub(crate) static OF_START: LazyLock<ParamColumns> = LazyLock::new(|| ParamColumns::new(sent_on_starts()));

/// The events whose parameters make an ad row.
pub const AD_EVENTS: &[EventType] = &[EventType::AdBreakStart, EventType::AdStart];
/// The event whose parameters make a chapter row.
pub const CHAPTER_EVENTS: &[EventType] = &[EventType::ChapterStart];

static OF_ADS: LazyLock<ParamColumns> = LazyLock::new(|| ParamColumns::new(sent_on_views(AD_EVENTS)));

static OF_CHAPTERS: LazyLock<ParamColumns> =
    LazyLock::new(|| ParamColumns::new(sent_on_views(CHAPTER_EVENTS)));

/// The columns of the views that these events make.
pub(crate) fn of_views(events: &[EventType]) -> &'static ParamColumns {
    if events == AD_EVENTS { &OF_ADS } else { &OF_CHAPTERS }
}

impl ParamColumns {
    /// Some columns, in this order.
    pub(crate) fn new(columns: impl Iterator<Item = (ParamId, &'static str)>) -> Self {
        let columns: Vec<_> = columns.collect();
        let place = |id: ParamId| columns.iter().position(|&(of_column, _)| of_column == id);
        let places = ParamId::all().map(place).collect();
        Self { columns, places }
    }

    /// The columns, in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (ParamId, &'static str)> {
        self.columns.iter().copied()
    }

    /// The cells of the columns, nothing in each.
    pub(crate) fn empty_cells<'row>(&self) -> Vec<(&'static str, Cell<'row>)> {
        self.columns.iter().map(|&(_, name)| (name, Cell::Null)).collect()
    }

    /// Fills those of the cells that are empty yet.
    pub(crate) fn fill<'row>(&self, cells: &mut [(&'static str, Cell<'row>)], params: &'row PackedParams) {
        for (id, value) in params.iter() {
            let place = self.places.get(id.place()).copied().flatten();
            let cell = place.and_then(|place| cells.get_mut(place));
            if let Some((_, cell @ Cell::Null)) = cell {
                *cell = caseless_cell(id, value);
            }
        }
    }
}

fn sent_on_starts() -> impl Iterator<Item = (ParamId, &'static str)> {
    const OWNERS: [ParamId; 2] =
        [ParamId::named("analytics.reportSuite"), ParamId::named("visitor.marketingCloudOrgId")];
    const RESUME: ParamId = ParamId::named("media.resume");
    let others = ParamId::all().filter(|id| !OWNERS.contains(id) && *id != RESUME);
    let columns =
        OWNERS.into_iter().chain(others).filter(|id| id.param().is_sent_on(EventType::SessionStart));
    columns.filter_map(|id| Some((id, id.param().column?)))
}

fn sent_on_views(event_types: &'static [EventType]) -> impl Iterator<Item = (ParamId, &'static str)> {
    let is_sent_on_one = move |param: &Param| match param.carrier {
        Carrier::Params(sent_on) => sent_on.iter().any(|event_type| event_types.contains(event_type)),
        Carrier::Quality => false,
    };
    ParamId::all()
        .filter(move |id| is_sent_on_one(id.param()))
        .filter_map(|id| Some((id, id.param().column?)))
}
