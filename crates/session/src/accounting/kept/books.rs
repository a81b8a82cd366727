//! The books of what not every session has, so that the others need no place for it.

use playhead_protocol::{PackedParams, SharedBytes};
use serde::{Deserialize, Serialize};

use crate::accounting::kept::spans::RewatchedSpans;
use crate::accounting::views::{
    AdView, ChapterView, ContentEnd, ErrorView, OpenView, Playback, PlayerState, ViewEnd,
};

/// The open ad break.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AdBreak {
    /// The pod columns of `adBreakStart`.
    pub(crate) pod: PackedParams,
    /// Playback of the break: Playing, Paused or Buffering, whatever the content does.
    pub(crate) playback: Playback,
}

/// Views of ads or of chapters: their rows as far as there is room, and their number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Views<T> {
    pub(crate) rows: Vec<T>,
    /// The one that is open now.
    pub(crate) open: Option<OpenView>,
    pub(crate) count: u32,
    pub(crate) completes: u32,
    pub(crate) skips: u32,
    /// Bytes of the texts that the rows hold alone.
    text_bytes: usize,
}

/// The books of ads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AdBook {
    pub(crate) ad_break: Option<AdBreak>,
    pub(crate) views: Views<AdView>,
    /// Time spent on ads, ms.
    pub(crate) time_ms: i64,
}

/// The books of errors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ErrorBook {
    pub(crate) count: u32,
    pub(crate) rows: Vec<ErrorView>,
    pub(crate) player_ids: Vec<Box<str>>,
    pub(crate) external_ids: Vec<Box<str>>,
    /// Bytes of the texts in these lists.
    pub(crate) text_bytes: usize,
}

/// The books of what few sessions have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RareBook {
    pub(crate) content_end: Option<ContentEnd>,
    pub(crate) rewatched: RewatchedSpans,
    pub(crate) states: Vec<PlayerState>,
    pub(crate) chapters: Option<Box<Views<ChapterView>>>,
    pub(crate) errors: Option<Box<ErrorBook>>,
    /// The part of the clock's offset by which a downloaded session as a whole was moved back.
    pub(crate) moved_back_ms: i64,
}

/// The books of a session without ads.
pub(crate) static NO_ADS: AdBook = AdBook::new();

/// The books of a session without chapters.
pub(crate) static NO_CHAPTERS: Views<ChapterView> = Views::new();

/// The books of a session without errors.
pub(crate) static NO_ERRORS: ErrorBook = ErrorBook::new();

/// The books of a session without anything rare.
pub(crate) static NOTHING_RARE: RareBook = RareBook::new();

/// The row of an ad or of a chapter.
pub(crate) trait View {
    fn end(&mut self) -> &mut Option<ViewEnd>;
    fn share(&mut self, shared_bytes: &mut SharedBytes);
    /// Bytes of its texts that it holds alone.
    fn text_bytes(&self) -> usize;
}

impl<T> Views<T> {
    pub(crate) const fn new() -> Self {
        Self { rows: Vec::new(), open: None, count: 0, completes: 0, skips: 0, text_bytes: 0 }
    }
}

impl<T: View> Views<T> {
    /// Opens a view, with its row if there is room for one.
    pub(crate) fn begin(&mut self, row: Option<T>) {
        self.count += 1;
        self.open = Some(OpenView { row: row.is_some().then_some(self.rows.len() as u32) });
        if let Some(row) = row {
            self.text_bytes += row.text_bytes();
            push(&mut self.rows, row);
        }
    }

    /// The row of the open view, if the session keeps one.
    pub(crate) fn open_row(&mut self) -> Option<&mut T> {
        let row = self.open?.row?;
        self.rows.get_mut(row as usize)
    }

    /// Closes the open view; `false` if there is none.
    pub(crate) fn close(&mut self, end: ViewEnd) -> bool {
        if let Some(row) = self.open_row() {
            *row.end() = Some(end);
        }
        let was_open = self.open.take().is_some();
        self.completes += u32::from(was_open && end == ViewEnd::Completed);
        self.skips += u32::from(was_open && end == ViewEnd::Skipped);
        was_open
    }

    fn share(&mut self, shared_bytes: &mut SharedBytes) {
        self.rows.iter_mut().for_each(|row| row.share(shared_bytes));
        self.text_bytes = self.rows.iter().map(T::text_bytes).sum();
    }

    fn heap_bytes(&self) -> usize {
        self.rows.capacity() * size_of::<T>() + self.text_bytes
    }
}

impl AdBook {
    pub(crate) const fn new() -> Self {
        Self { ad_break: None, views: Views::new(), time_ms: 0 }
    }

    pub(crate) fn share(&mut self, shared_bytes: &mut SharedBytes) {
        if let Some(ad_break) = &mut self.ad_break {
            ad_break.pod.share(shared_bytes);
        }
        self.views.share(shared_bytes);
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let pod = self.ad_break.as_ref().map_or(0, |ad_break| ad_break.pod.own_bytes());
        size_of::<Self>() + pod + self.views.heap_bytes()
    }
}

impl ErrorBook {
    pub(crate) const fn new() -> Self {
        Self { count: 0, rows: Vec::new(), player_ids: Vec::new(), external_ids: Vec::new(), text_bytes: 0 }
    }

    /// Adds an id to the list of its source.
    pub(crate) fn push_id(&mut self, id: Box<str>, is_external: bool) {
        self.text_bytes += id.len();
        push(if is_external { &mut self.external_ids } else { &mut self.player_ids }, id);
    }

    /// Adds a row.
    pub(crate) fn push_row(&mut self, row: ErrorView) {
        self.text_bytes += row.error_id.as_ref().map_or(0, |id| id.len()) + row.source.len();
        push(&mut self.rows, row);
    }

    fn memory_bytes(&self) -> usize {
        let ids = self.player_ids.capacity() + self.external_ids.capacity();
        size_of::<Self>()
            + self.rows.capacity() * size_of::<ErrorView>()
            + ids * size_of::<Box<str>>()
            + self.text_bytes
    }
}

impl RareBook {
    pub(crate) const fn new() -> Self {
        Self {
            content_end: None,
            rewatched: RewatchedSpans::EMPTY,
            states: Vec::new(),
            chapters: None,
            errors: None,
            moved_back_ms: 0,
        }
    }

    /// Adds a state that begins.
    pub(crate) fn push_state(&mut self, name: Box<str>) {
        push(&mut self.states, PlayerState { name, count: 1, time_ms: 0, is_open: true });
    }

    pub(crate) fn chapters_mut(&mut self) -> &mut Views<ChapterView> {
        self.chapters.get_or_insert_with(|| Box::new(Views::new()))
    }

    pub(crate) fn errors_mut(&mut self) -> &mut ErrorBook {
        self.errors.get_or_insert_with(|| Box::new(ErrorBook::new()))
    }

    pub(crate) fn share(&mut self, shared_bytes: &mut SharedBytes) {
        if let Some(chapters) = &mut self.chapters {
            chapters.share(shared_bytes);
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let names: usize = self.states.iter().map(|state| state.name.len()).sum();
        let states = self.states.capacity() * size_of::<PlayerState>() + names;
        let chapters = self.chapters.as_ref();
        size_of::<Self>()
            + self.rewatched.heap_bytes()
            + states
            + chapters.map_or(0, |chapters| size_of::<Views<ChapterView>>() + chapters.heap_bytes())
            + self.errors.as_ref().map_or(0, |errors| errors.memory_bytes())
    }
}

impl View for AdView {
    fn end(&mut self) -> &mut Option<ViewEnd> {
        &mut self.end
    }

    fn share(&mut self, shared_bytes: &mut SharedBytes) {
        self.pod.share(shared_bytes);
        self.params.share(shared_bytes);
        self.custom_metadata.share(shared_bytes);
    }

    fn text_bytes(&self) -> usize {
        self.pod.own_bytes() + self.params.own_bytes() + self.custom_metadata.own_bytes()
    }
}

impl View for ChapterView {
    fn end(&mut self) -> &mut Option<ViewEnd> {
        &mut self.end
    }

    fn share(&mut self, shared_bytes: &mut SharedBytes) {
        self.params.share(shared_bytes);
        self.custom_metadata.share(shared_bytes);
    }

    fn text_bytes(&self) -> usize {
        self.params.own_bytes() + self.custom_metadata.own_bytes()
    }
}

/// Adds to a list that grows by the half and not to the double: most lists stay short.
fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(1 + list.len() / 2);
    }
    list.push(item);
}
