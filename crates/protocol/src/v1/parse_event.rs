//! From the bytes of a body to one [`Event`].

use serde_json::value::RawValue;

use crate::event::{Detail, ErrorDetail, Event, Remarks};
use crate::event_type::EventType;
use crate::facts::Facts;
use crate::fault::{Faults, Path, Rejection};
use crate::json::object::{JsonType, WrongType, first_byte, for_each_entry, present};
use crate::json::scan::scan;
use crate::limits::{EVENT_BYTES, TS_END_MS};
use crate::packed::PackedPairs;
use crate::param_table::ValueType;
use crate::time::DAY_SECONDS;
use crate::v1::check_entries::check_custom_metadata;
use crate::v1::check_params::{CheckedParams, Downloaded, check_params};
use crate::v1::check_quality::{CheckedQuality, check_quality};
use crate::v1::checker::{Checker, REQUIRED};
use crate::validation::Validation;

/// Where a single event was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// The path that opens sessions: takes `sessionStart` alone, and not that of a downloaded session.
    SessionStart,
    /// The path of an open session: takes every other event.
    Events,
}

/// The rules that the endpoint adds to those of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Alone, opening a session.
    LiveStart,
    /// Alone, in an open session.
    Live,
    /// First in a downloaded session.
    BatchStart {
        /// Whether the session must say that it was downloaded.
        must_say_downloaded: bool,
    },
    /// Later in a downloaded session.
    Batch,
    /// In the journal: its place was judged when it was accepted.
    Stored,
}

/// The rules under which an event is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// Where it stands.
    pub(crate) place: Place,
    /// How strictly.
    pub(crate) validation: Validation,
    /// The facts that stand in for values that it lacks.
    pub(crate) facts: Facts<'a>,
}

/// Whether a body is an array, that is, a whole downloaded session; judged by its first byte that is not white space.
pub fn is_array(body: &[u8]) -> bool {
    first_byte(body) == Some(b'[')
}

/// Parses the body of one event.
///
/// # Errors
///
/// [`Rejection::TooLarge`] for a body above [`EVENT_BYTES`], otherwise every rule of the protocol contract, sections 2
/// and 3, that the body breaks.
pub fn parse_event(body: &[u8], endpoint: Endpoint, validation: Validation) -> Result<Event, Rejection> {
    if body.len() > EVENT_BYTES {
        return Err(Rejection::TooLarge { limit_bytes: EVENT_BYTES });
    }
    let place = match endpoint {
        Endpoint::SessionStart => Place::LiveStart,
        Endpoint::Events => Place::Live,
    };
    parse_at(body, place, validation)
}

/// Parses the body of an event that was accepted before, with the facts that its door kept beside it; see
/// [`decode`](crate::decode).
pub(crate) fn parse_stored(body: &[u8], facts: Facts<'_>) -> Result<Event, Rejection> {
    let mut faults = Faults::default();
    let event = utf8(body, &mut faults).and_then(|text| {
        let rules = Rules { place: Place::Stored, validation: Validation::Lenient, facts };
        check_event(text, &Path::Body, rules, &mut faults)
    });
    outcome(event, faults)
}

fn parse_at(body: &[u8], place: Place, validation: Validation) -> Result<Event, Rejection> {
    let mut faults = Faults::default();
    let rules = Rules { place, validation, facts: Facts::NONE };
    let event = utf8(body, &mut faults).and_then(|text| check_event(text, &Path::Body, rules, &mut faults));
    outcome(event, faults)
}

fn outcome(event: Option<Event>, faults: Faults) -> Result<Event, Rejection> {
    match event {
        Some(event) if faults.is_empty() => Ok(event),
        _ => Err(faults.into_rejection()),
    }
}

/// The body as text.
pub(crate) fn utf8<'a>(body: &'a [u8], faults: &mut Faults) -> Option<&'a str> {
    std::str::from_utf8(body)
        .map_err(|error| {
            faults.push(&Path::Body, format_args!("is not UTF-8 text at byte {}", error.valid_up_to()));
        })
        .ok()
}

/// Whether the text starts like the wanted object or array; otherwise leaves the fault that says what it is instead.
pub(crate) fn starts_like(text: &str, wanted: ValueType, at: &Path<'_>, faults: &mut Faults) -> bool {
    let Some(first) = first_byte(text.as_bytes()) else {
        faults.push(at, "is empty, must be JSON");
        return false;
    };
    let found = JsonType::of_first_byte(first);
    if matches!(
        (found, wanted),
        (Some(JsonType::Object), ValueType::Object) | (Some(JsonType::Array), ValueType::Array)
    ) {
        return true;
    }
    match serde_json::from_str::<&RawValue>(text) {
        Ok(value) => faults.push(at, WrongType { wanted, found: JsonType::of(value) }),
        Err(error) => faults.push(at, format_args!("is not valid JSON: {error}")),
    }
    false
}

/// Checks one event. Leaves at least one fault when it gives none; the event it gives counts only when there is no
/// fault.
pub(crate) fn check_event(text: &str, at: &Path<'_>, rules: Rules<'_>, faults: &mut Faults) -> Option<Event> {
    let Rules { place, validation, facts } = rules;
    if let Err(fault) = scan(text) {
        faults.push(at, fault);
        return None;
    }
    let members = Members::read(text, at, faults)?;
    let mut checker = Checker { validation, facts, faults, remarks: Remarks::default() };
    let event_type = check_event_type(members.event_type, place, &at.key("eventType"), &mut checker);
    let (ts_ms, playhead) = check_player_time(members.player_time, &at.key("playerTime"), &mut checker);

    let params_at = at.key("params");
    let params = check_params_member(members.params, event_type, place, &params_at, &mut checker);
    if let (Some(EventType::SessionStart), Some(playhead)) = (event_type, playhead) {
        let playhead_at = at.key("playerTime");
        check_first_playhead(playhead, &params, &playhead_at.key("playhead"), &mut checker);
    }

    let quality_at = at.key("qoeData");
    let quality_object = members.quality.and_then(|raw| checker.object(raw, &quality_at));
    let quality = check_quality(quality_object, &quality_at, &mut checker);

    let metadata_at = at.key("customMetadata");
    let metadata_object = members.custom_metadata.and_then(|raw| checker.object(raw, &metadata_at));
    let custom_metadata = metadata_object
        .filter(|_| event_type.is_some_and(EventType::keeps_custom_metadata))
        .map(|object| check_custom_metadata(object, &metadata_at, &mut checker))
        .unwrap_or_default();

    let remarks = checker.remarks;
    let event_type = event_type?;
    let CheckedQuality { quality, error_id, error_source } = quality;
    let error = (event_type == EventType::Error).then(|| ErrorDetail {
        id: error_id.or_else(|| params.error_id.clone()).map(Into::into),
        source: error_source
            .or_else(|| params.error_source.clone())
            .map_or_else(|| "player".into(), Into::into),
    });
    let detail = detail(params, custom_metadata, error);
    Some(Event { event_type, ts_ms: ts_ms?, playhead: playhead?, remarks, quality, detail })
}

/// The members of an event that mean something; an event's other members are nobody's concern.
#[derive(Default)]
struct Members<'a> {
    event_type: Option<&'a RawValue>,
    player_time: Option<&'a RawValue>,
    params: Option<&'a RawValue>,
    quality: Option<&'a RawValue>,
    custom_metadata: Option<&'a RawValue>,
}

impl<'a> Members<'a> {
    /// Splits an event into its members, which checks the syntax of all of it.
    fn read(text: &'a str, at: &Path<'_>, faults: &mut Faults) -> Option<Self> {
        if !starts_like(text, ValueType::Object, at, faults) {
            return None;
        }
        let mut members = Self::default();
        let outcome = for_each_entry(text, |key, value| {
            let member = match &*key {
                "eventType" => &mut members.event_type,
                "playerTime" => &mut members.player_time,
                "params" => &mut members.params,
                "qoeData" => &mut members.quality,
                "customMetadata" => &mut members.custom_metadata,
                _ => return,
            };
            *member = present(value);
        });
        outcome.map_err(|error| faults.push(at, format_args!("is not valid JSON: {error}"))).ok()?;
        Some(members)
    }
}

fn check_event_type(
    raw: Option<&RawValue>,
    place: Place,
    at: &Path<'_>,
    checker: &mut Checker<'_>,
) -> Option<EventType> {
    let Some(raw) = raw else {
        checker.fault(at, REQUIRED);
        return None;
    };
    let name = checker.text(raw, at)?;
    let Some(event_type) = EventType::from_name(&name) else {
        checker.fault(at, "must be one of the documented event types");
        return None;
    };
    match (place, event_type) {
        (Place::Stored, _) | (Place::LiveStart | Place::BatchStart { .. }, EventType::SessionStart) => {}
        (Place::LiveStart, other) => {
            checker.fault(at, format_args!("must be sessionStart where sessions are opened, is {other}"));
        }
        (Place::BatchStart { .. }, other) => {
            checker
                .fault(at, format_args!("must be sessionStart on the first event of a session, is {other}"));
        }
        (Place::Live, EventType::SessionStart) => {
            checker.fault(at, "must not be sessionStart in a session that is open already");
        }
        (Place::Batch, EventType::SessionStart) => {
            checker.fault(at, "must not be sessionStart on any event but the first");
        }
        (Place::Live | Place::Batch, _) => {}
    }
    Some(event_type)
}

fn check_player_time(
    raw: Option<&RawValue>,
    at: &Path<'_>,
    checker: &mut Checker<'_>,
) -> (Option<i64>, Option<f64>) {
    let Some(raw) = raw else {
        checker.fault(at, REQUIRED);
        return (None, None);
    };
    let Some(object) = checker.object(raw, at) else { return (None, None) };
    let (mut ts, mut playhead) = (None, None);
    let outcome = for_each_entry(object, |key, value| match &*key {
        "ts" => ts = present(value),
        "playhead" => playhead = present(value),
        _ => {}
    });
    checker.readable(outcome, at);

    let ts_at = at.key("ts");
    let stand_in = if ts.is_none() { checker.facts.timestamp_ms() } else { None };
    if ts.is_none() && stand_in.is_none() {
        checker.fault(&ts_at, REQUIRED);
    }
    let ts = ts.and_then(|raw| checker.integer(raw, &ts_at)).or(stand_in);
    let ts_ms = ts.filter(|&ts_ms| {
        let in_range = 0 < ts_ms && ts_ms < TS_END_MS;
        if !in_range {
            checker.fault(&ts_at, format_args!("must be above 0 and below {TS_END_MS}, the year 2200"));
        }
        in_range
    });

    let playhead_at = at.key("playhead");
    if playhead.is_none() {
        checker.fault(&playhead_at, REQUIRED);
    }
    (ts_ms, playhead.and_then(|raw| checker.number(raw, &playhead_at)))
}

fn check_params_member<'a>(
    raw: Option<&'a RawValue>,
    event_type: Option<EventType>,
    place: Place,
    at: &Path<'_>,
    checker: &mut Checker<'_>,
) -> CheckedParams<'a> {
    let object = match raw.map(|raw| checker.object(raw, at)) {
        // Of the wrong type: what its keys would have to be is beside the point.
        Some(None) => return CheckedParams::default(),
        Some(Some(object)) => Some(object),
        None => None,
    };
    // Which keys belong here, the event type says.
    let Some(event_type) = event_type else { return CheckedParams::default() };
    let params = check_params(object, event_type, at, checker);
    if event_type == EventType::SessionStart && object.is_some() {
        check_downloaded(params.downloaded, place, &at.key("media.downloaded"), checker);
    }
    params
}

fn check_downloaded(downloaded: Downloaded, place: Place, at: &Path<'_>, checker: &mut Checker<'_>) {
    match (place, downloaded) {
        (Place::LiveStart, Downloaded::Yes) => {
            checker.fault(
                at,
                "must not be true in a single event: a downloaded session is sent whole, as an array",
            );
        }
        (Place::BatchStart { must_say_downloaded: true }, Downloaded::No) => {
            checker.fault(at, "must be true where a whole session is sent as an array");
        }
        _ => {}
    }
}

/// The playhead of `sessionStart` must lie in the content (protocol contract, section 2).
fn check_first_playhead(playhead: f64, params: &CheckedParams<'_>, at: &Path<'_>, checker: &mut Checker<'_>) {
    if playhead < 0.0 {
        checker.fault(at, "must be at least 0 on sessionStart");
        return;
    }
    if params.is_live {
        if playhead >= DAY_SECONDS {
            checker.fault(at, "must be below 86400 for live content, where it is the second of the day");
        }
        return;
    }
    if params.content_length.is_some_and(|length| length > 0.0 && playhead >= length) {
        checker.fault(at, "must be below media.length, the length of the content");
    }
}

fn detail(
    params: CheckedParams<'_>,
    custom_metadata: PackedPairs,
    error: Option<ErrorDetail>,
) -> Option<Box<Detail>> {
    let CheckedParams { packed, states_start, states_end, .. } = params;
    let is_empty = packed.is_empty()
        && custom_metadata.is_empty()
        && states_start.is_empty()
        && states_end.is_empty()
        && error.is_none();
    (!is_empty).then(|| Box::new(Detail { params: packed, custom_metadata, states_start, states_end, error }))
}
