//! Checks of `params`, by the table.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::event_type::EventType;
use crate::facts::Fact;
use crate::fault::Path;
use crate::packed::{PackedParams, ParamValue, ParamsPacker};
use crate::param_table::{ParamId, Requirement, ValueType};
use crate::v1::check_entries::check_customer_ids;
use crate::v1::check_states::{check_states, state_name};
use crate::v1::checker::{Checker, REQUIRED};
use crate::v1::slots::Slots;

const CUSTOMER_IDS: ParamId = ParamId::named("visitor.customerIDs");
const REPORT_SUITE: ParamId = ParamId::named("analytics.reportSuite");
const CONTENT_ID: ParamId = ParamId::named("media.id");
const CONTENT_LENGTH: ParamId = ParamId::named("media.length");
const CONTENT_TYPE: ParamId = ParamId::named("media.contentType");
const DOWNLOADED: ParamId = ParamId::named("media.downloaded");
const STATE_NAME: ParamId = ParamId::named("media.state.name");
const STATES_START: ParamId = ParamId::named("statesStart");
const STATES_END: ParamId = ParamId::named("statesEnd");
const ERROR_ID: ParamId = ParamId::named("media.errorId");
const ERROR_SOURCE: ParamId = ParamId::named("media.errorSource");

/// The valid parts of `params`.
#[derive(Default)]
pub(crate) struct CheckedParams<'a> {
    pub(crate) packed: PackedParams,
    pub(crate) states_start: Vec<Box<str>>,
    pub(crate) states_end: Vec<Box<str>>,
    pub(crate) error_id: Option<Cow<'a, str>>,
    pub(crate) error_source: Option<Cow<'a, str>>,
    /// Content whose playhead is the second of the day.
    pub(crate) is_live: bool,
    pub(crate) content_length: Option<f64>,
    pub(crate) downloaded: Downloaded,
}

/// The value of `media.downloaded`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Downloaded {
    /// Absent, or `false`.
    #[default]
    No,
    Yes,
    /// Not a truth value, which has its fault already.
    Faulty,
}

enum Value<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    Integer(i64),
    Boolean(bool),
    Json(&'a str),
    States(Vec<Box<str>>),
}

/// Checks `params` of an event; `object` is its text if it is there.
pub(crate) fn check_params<'a>(
    object: Option<&'a str>,
    event_type: EventType,
    at: &Path<'_>,
    checker: &mut Checker<'_>,
) -> CheckedParams<'a> {
    let mut checked = CheckedParams::default();
    if object.is_none() {
        if !event_type.requires_params() {
            return checked;
        }
        checker.missing(at);
        if !checker.validation.tolerates_missing() {
            // Naming each key of an object that is not there would say the same thing many times.
            return checked;
        }
    }
    let slots = Slots::read(object, |param| param.is_sent_on(event_type), at, checker);
    let mut packer = ParamsPacker::default();
    for id in ParamId::all().filter(|id| id.param().is_sent_on(event_type)) {
        let path = at.key(id.param().key);
        let Some(raw) = slots.get(id) else {
            match fact_of(id).and_then(|fact| checker.facts.text(fact)) {
                Some(text) => packer.push(id, ParamValue::Text(text)),
                None => check_absence(id, &path, checker),
            }
            continue;
        };
        match check_value(id, raw, &path, checker) {
            Some(value) => keep(id, value, event_type, &mut packer, &mut checked),
            None if id == DOWNLOADED => checked.downloaded = Downloaded::Faulty,
            None => {}
        }
    }
    if event_type == EventType::StatesUpdate
        && [STATES_START, STATES_END].iter().all(|&id| slots.get(id).is_none())
    {
        require_a_list(at, checker);
    }
    checked.packed = packer.finish();
    checked
}

/// The fact that stands in for a parameter that a body lacks.
fn fact_of(id: ParamId) -> Option<Fact> {
    match id {
        REPORT_SUITE => Some(Fact::ReportSuite),
        CONTENT_ID => Some(Fact::ContentId),
        _ => None,
    }
}

fn require_a_list(at: &Path<'_>, checker: &mut Checker<'_>) {
    if checker.validation.tolerates_missing() {
        checker.missing(at);
    } else {
        checker.fault(at, "must have statesStart or statesEnd");
    }
}

fn check_absence(id: ParamId, at: &Path<'_>, checker: &mut Checker<'_>) {
    if checker.validation.requires(id) {
        checker.fault(at, REQUIRED);
    } else if id.param().requirement == Requirement::Required {
        checker.missing(at);
    }
}

fn check_value<'a>(
    id: ParamId,
    raw: &'a RawValue,
    at: &Path<'_>,
    checker: &mut Checker<'_>,
) -> Option<Value<'a>> {
    let param = id.param();
    match param.value_type {
        ValueType::String => checker.ruled_text(raw, param.text_rule, at).map(Value::Text),
        ValueType::Number => checker.number(raw, at).map(Value::Number),
        ValueType::Integer => checker.integer(raw, at).map(Value::Integer),
        ValueType::Boolean => checker.boolean(raw, at).map(Value::Boolean),
        ValueType::Object => {
            let object = checker.object(raw, at)?;
            if id == CUSTOMER_IDS {
                check_customer_ids(object, at, checker);
            }
            Some(Value::Json(object))
        }
        ValueType::Array => {
            checker.array(raw, at).map(|array| Value::States(check_states(array, at, checker)))
        }
    }
}

fn keep<'a>(
    id: ParamId,
    value: Value<'a>,
    event_type: EventType,
    packer: &mut ParamsPacker,
    checked: &mut CheckedParams<'a>,
) {
    if id.param().column.is_some() {
        match &value {
            Value::Text(text) => packer.push(id, ParamValue::Text(text)),
            Value::Number(number) => packer.push(id, ParamValue::Number(*number)),
            Value::Integer(integer) => packer.push(id, ParamValue::Integer(*integer)),
            Value::Boolean(boolean) => packer.push(id, ParamValue::Boolean(*boolean)),
            Value::Json(text) => packer.push(id, ParamValue::Json(text)),
            Value::States(_) => {}
        }
    }
    match (id, value) {
        (CONTENT_TYPE, Value::Text(text)) => checked.is_live = is_live(&text),
        (CONTENT_LENGTH, Value::Number(length)) => checked.content_length = Some(length),
        (DOWNLOADED, Value::Boolean(true)) => checked.downloaded = Downloaded::Yes,
        (STATE_NAME, Value::Text(name)) if event_type == EventType::StateStart => {
            checked.states_start.push(state_name(&name));
        }
        (STATE_NAME, Value::Text(name)) => checked.states_end.push(state_name(&name)),
        (STATES_START, Value::States(names)) => checked.states_start = names,
        (STATES_END, Value::States(names)) => checked.states_end = names,
        (ERROR_ID, Value::Text(text)) => checked.error_id = Some(text),
        (ERROR_SOURCE, Value::Text(text)) => checked.error_source = Some(text),
        _ => {}
    }
}

/// Whether the playhead of such content is the second of the day (protocol contract, section 2).
fn is_live(content_type: &str) -> bool {
    ["live", "linear"].iter().any(|name| content_type.eq_ignore_ascii_case(name))
}
