//! Whatever the bytes: an answer, never a panic; and what was accepted once reads the same for ever.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what panics here is a failed test")]

mod bodies;
mod mutations;

use bodies::{endpoint_of, event_type_of, full, minimal};
use mutations::body_of_seed;
use playhead_protocol::{
    BatchEndpoint, Endpoint, EventType, Origin, Recorded, Rejection, Validation, decode, is_array,
    parse_batch, parse_event,
};
use proptest::prelude::*;

/// Feeds bytes to every door at every level; whatever one accepts must read back as the same event.
fn feed(body: &[u8]) {
    let _ = is_array(body);
    let stored = decode(&Recorded::new(Origin::COLLECTION_V1, body));
    for validation in Validation::ALL {
        for endpoint in [Endpoint::SessionStart, Endpoint::Events] {
            match parse_event(body, endpoint, validation) {
                Ok(event) => assert_eq!(stored.as_ref(), Ok(&event)),
                Err(rejection) => assert_named(&rejection),
            }
        }
        for endpoint in [BatchEndpoint::Sessions, BatchEndpoint::Downloaded] {
            match parse_batch(body, endpoint, validation) {
                Ok(events) => {
                    for (raw, event) in events {
                        assert_eq!(decode(&Recorded::new(Origin::COLLECTION_V1, raw)), Ok(event));
                    }
                }
                Err(rejection) => assert_named(&rejection),
            }
        }
    }
}

fn assert_named(rejection: &Rejection) {
    if let Rejection::Invalid(faults) = rejection {
        assert!((1..=100).contains(&faults.len()));
        assert!(faults.iter().all(|fault| !fault.message.is_empty()));
    }
}

/// Fragments that a reader of this wire trips over, if over anything.
const FRAGMENTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "\\u0000",
    "null",
    "true",
    "1e400",
    "-",
    "0",
    "1.5",
    "NaN",
    " ",
    "\0",
    "é",
    "{\"eventType\":",
    "\"playerTime\":{",
    "\"params\":{",
    "\"media.id\":",
    "\"sessionStart\"",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_get_an_answer(body in prop::collection::vec(any::<u8>(), 0..512)) {
        feed(&body);
    }

    #[test]
    fn heaps_of_fragments_get_an_answer(picks in prop::collection::vec(prop::sample::select(FRAGMENTS), 0..64)) {
        feed(picks.concat().as_bytes());
    }

    #[test]
    fn torn_and_patched_bodies_get_an_answer(
        event_type in prop::sample::select(EventType::ALL),
        is_full in any::<bool>(),
        cut in any::<prop::sample::Index>(),
        patches in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(FRAGMENTS)), 0..4),
        tears in any::<bool>(),
    ) {
        let body = if is_full { full(event_type) } else { minimal(event_type) };
        let mut bytes = body.to_string().into_bytes();
        for (place, fragment) in patches {
            let place = place.index(bytes.len());
            bytes.splice(place..(place + fragment.len()).min(bytes.len()), fragment.bytes());
        }
        if tears {
            bytes.truncate(cut.index(bytes.len()));
        }
        feed(&bytes);
        feed(&[b"[", &*bytes, b",", &*bytes, b"]"].concat());
    }

    #[test]
    fn what_any_level_accepts_reads_back_as_the_same_event(seed in any::<u64>()) {
        let body = body_of_seed(seed);
        let text = body.to_string();
        let endpoint = endpoint_of(event_type_of(&body));
        let verdicts = Validation::ALL.map(|validation| parse_event(text.as_bytes(), endpoint, validation));
        let stored = decode(&Recorded::new(Origin::COLLECTION_V1, text.as_bytes()));
        for event in verdicts.iter().flatten() {
            prop_assert_eq!(Ok(event), stored.as_ref());
        }
        let [lenient, standard, strict] = verdicts.map(|verdict| verdict.is_ok());
        prop_assert!(!strict || standard, "strict accepts more than standard");
        prop_assert!(!standard || lenient, "standard accepts more than lenient");
    }
}

#[test]
fn seeded_bodies_are_accepted_often_enough_to_mean_something() {
    let accepted = (0..1000)
        .filter(|&seed| {
            decode(&Recorded::new(Origin::COLLECTION_V1, body_of_seed(seed).to_string().as_bytes())).is_ok()
        })
        .count();
    assert!((200..800).contains(&accepted), "{accepted} of 1000");
}
