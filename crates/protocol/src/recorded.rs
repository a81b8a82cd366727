//! An accepted event as it is kept, and the one way back from there to an [`Event`].
//!
//! A body alone does not say what it means: the same bytes could come through two doors, and some doors know things
//! that no body says. So a record keeps how the event was said ([`Wire`]), how it came ([`Delivery`]), what the door knew
//! beside the body ([`Facts`]), and the body as it came. [`decode`] of a record gives the same event on every replay.

use crate::event::Event;
use crate::facts::Facts;
use crate::fault::Rejection;
use crate::v1::parse_event::parse_stored;

/// How an event was said: which parser reads its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Wire {
    /// The Media Collection API, version 1.
    CollectionV1,
}

impl Wire {
    /// Every wire.
    pub const ALL: [Self; 1] = [Self::CollectionV1];

    /// Its stable number in what is kept; 1 is reserved for the Media Edge API.
    pub const fn number(self) -> u8 {
        match self {
            Self::CollectionV1 => 0,
        }
    }

    /// The wire of this number.
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|wire| wire.number() == number)
    }
}

/// How an event came: on its own while it happened, or later with its whole session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Delivery {
    /// On its own.
    Live,
    /// With all of its session in one request.
    Downloaded,
}

/// Where a session came from: the wire and the delivery of its events. Column `source` of its row is a function of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// How its events were said.
    pub wire: Wire,
    /// How they came.
    pub delivery: Delivery,
}

impl Origin {
    /// The Media Collection API, event by event.
    pub const COLLECTION_V1: Self = Self { wire: Wire::CollectionV1, delivery: Delivery::Live };

    /// A whole downloaded session of the Media Collection API.
    pub const DOWNLOADED: Self = Self { wire: Wire::CollectionV1, delivery: Delivery::Downloaded };

    /// Every origin that sessions have.
    pub const ALL: [Self; 2] = [Self::COLLECTION_V1, Self::DOWNLOADED];

    /// Its place in [`Origin::ALL`].
    pub const fn place(self) -> usize {
        match (self.wire, self.delivery) {
            (Wire::CollectionV1, Delivery::Live) => 0,
            (Wire::CollectionV1, Delivery::Downloaded) => 1,
        }
    }

    /// The value of column `source`.
    pub const fn source(self) -> &'static str {
        match (self.wire, self.delivery) {
            (Wire::CollectionV1, Delivery::Live) => "collection_v1",
            (Wire::CollectionV1, Delivery::Downloaded) => "downloaded",
        }
    }

    /// The origin with this value of column `source`.
    pub fn of_source(source: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.source() == source)
    }
}

/// An accepted event as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded<'a> {
    /// How it was said.
    pub wire: Wire,
    /// How it came.
    pub delivery: Delivery,
    /// The door's knowledge beside the body.
    pub facts: Facts<'a>,
    /// The body as it came.
    pub body: &'a [u8],
}

impl<'a> Recorded<'a> {
    /// A body that says everything itself.
    pub const fn new(origin: Origin, body: &'a [u8]) -> Self {
        Self { wire: origin.wire, delivery: origin.delivery, facts: Facts::NONE, body }
    }

    /// Its wire and delivery.
    pub const fn origin(&self) -> Origin {
        Origin { wire: self.wire, delivery: self.delivery }
    }
}

/// The event that a record was accepted as, whatever the endpoint and the level of validation at that time. The lenient
/// level accepts everything that another level accepts and makes the same event of it, so a stored session comes back as
/// it was after the setting changes.
///
/// # Errors
///
/// The record was never accepted.
pub fn decode(recorded: &Recorded<'_>) -> Result<Event, Rejection> {
    match recorded.wire {
        Wire::CollectionV1 => parse_stored(recorded.body, recorded.facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sources_are_unique_and_lead_back() {
        for wire in Wire::ALL {
            assert_eq!(Wire::of_number(wire.number()), Some(wire));
        }
        assert_eq!(Wire::of_number(1), None, "reserved");
        for (place, origin) in Origin::ALL.into_iter().enumerate() {
            assert_eq!(origin.place(), place);
            assert_eq!(Origin::of_source(origin.source()), Some(origin));
        }
        assert_eq!(Origin::of_source("edge"), None);
    }
}
