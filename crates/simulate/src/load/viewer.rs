//! One viewer on the way: the session's script, what is being sent of it, and its books.

use crate::books::alternatives::{Alternatives, Fate};
use crate::load::http::Sid;
use crate::viewer::event::{MOMENT_EVENTS_MAX, Moment};
use crate::viewer::script::Script;

/// How far apart two events of a moment may arrive and be put in order for certain: less than the reorder window of a server, 5 s.
const SURE_ORDER_US: i64 = 4_000_000;

/// One event of the present moment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sending {
    /// When the present attempt is due, and when it was sent, µs.
    pub(crate) due_us: i64,
    pub(crate) sent_us: i64,
    /// When nothing but the generator kept it from being sent: it was due, and those before it were answered.
    pub(crate) ready_us: i64,
    /// The same of the first attempt.
    pub(crate) first_ready_us: i64,
    pub(crate) attempts: u32,
    pub(crate) refusals: u32,
    /// When it was sent that may have been stored, at the earliest.
    pub(crate) maybe_stored_us: Option<i64>,
    /// When it was known to be stored.
    pub(crate) acknowledged_us: i64,
    /// An attempt whose answer never came may have been stored.
    pub(crate) is_unknown: bool,
    /// Sent once more though it was acknowledged.
    pub(crate) is_repeated: bool,
    /// Whether an attempt is on its way.
    pub(crate) is_in_flight: bool,
    pub(crate) fate: Option<Fate>,
}

/// A viewer.
#[derive(Debug)]
pub(crate) struct Viewer {
    pub(crate) script: Script,
    pub(crate) sid: Option<Sid>,
    /// From the acknowledged start on.
    pub(crate) books: Option<Alternatives>,
    pub(crate) moment: Option<Moment>,
    pub(crate) sendings: [Sending; MOMENT_EVENTS_MAX],
    /// When the present moment is ready to be sent, µs.
    pub(crate) ready_us: i64,
    /// Whether requests of the moment are on their way.
    pub(crate) is_sending: bool,
    /// Starts without an answer that may have opened sessions which nobody knows.
    pub(crate) lost_starts: u32,
    /// Whether it sends nothing after this moment.
    pub(crate) has_left: bool,
}

impl Viewer {
    pub(crate) fn new(script: Script) -> Self {
        Self {
            script,
            sid: None,
            books: None,
            moment: None,
            sendings: Default::default(),
            ready_us: 0,
            is_sending: false,
            lost_starts: 0,
            has_left: false,
        }
    }

    /// The number of events of the present moment.
    pub(crate) fn events(&self) -> usize {
        self.moment.as_ref().map_or(0, Moment::len)
    }

    /// Whether the fate of all events of the moment is known.
    pub(crate) fn is_settled(&self) -> bool {
        self.sendings.iter().take(self.events()).all(|sending| sending.fate.is_some())
    }

    /// Whether an event that arrives then may come too late for its place among those of its moment.
    pub(crate) fn is_late(&self, place: usize, at_us: i64) -> bool {
        let others = self.sendings.iter().take(self.events()).enumerate();
        let others = others.filter(|(other, _)| *other != place);
        let first_us = others.filter_map(|(_, other)| other.maybe_stored_us).min();
        first_us.is_some_and(|first_us| at_us - first_us > SURE_ORDER_US)
    }

    /// Settles what is not on its way, because nothing is sent any more. Returns how many events are given up, and of how
    /// many nobody knows.
    pub(crate) fn drop_unsent(&mut self) -> (u64, u64) {
        let (mut given_up, mut unknown) = (0, 0);
        let events = self.events();
        for sending in self.sendings.iter_mut().take(events) {
            if sending.is_in_flight || sending.fate.is_some() {
                continue;
            }
            sending.fate = Some(match (sending.is_repeated, sending.is_unknown) {
                (true, _) => Fate::Stored,
                (_, true) => Fate::Unknown,
                _ => Fate::Refused,
            });
            unknown += u64::from(sending.fate == Some(Fate::Unknown));
            given_up += u64::from(sending.fate == Some(Fate::Refused));
        }
        (given_up, unknown)
    }

    /// Enters the settled moment into the books.
    pub(crate) fn enter(&mut self) {
        let mut fates = [Fate::Refused; MOMENT_EVENTS_MAX];
        for (place, fate) in fates.iter_mut().enumerate().take(self.events()) {
            let sending = &self.sendings[place];
            *fate = sending.fate.unwrap_or(Fate::Refused);
            if *fate == Fate::Stored && self.is_late(place, sending.acknowledged_us) {
                *fate = Fate::StoredLate;
            }
        }
        let Some(moment) = self.moment.take() else { return };
        if let Some(books) = &mut self.books {
            books.take(&moment, &fates[..moment.len()]);
        }
    }
}
