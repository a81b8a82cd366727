//! Checks of single values. Each either gives the value or leaves a fault, so a body is always read to its end.

use std::borrow::Cow;
use std::fmt::Display;

use serde_json::value::RawValue;

use crate::event::Remarks;
use crate::facts::Facts;
use crate::fault::{Faults, Path};
use crate::json::object::{JsonType, WrongType, decode_text};
use crate::limits::{STATE_NAME_BYTES, WHOLE_NUMBER_MAX};
use crate::param_table::{TextRule, ValueType};
use crate::validation::Validation;

/// The message about an absent value.
pub(crate) const REQUIRED: &str = "is required";

/// One event under check: its level, what stands in for values that it lacks, its faults and its remarks.
#[derive(Debug)]
pub(crate) struct Checker<'f> {
    pub(crate) validation: Validation,
    pub(crate) facts: Facts<'f>,
    pub(crate) faults: &'f mut Faults,
    pub(crate) remarks: Remarks,
}

impl Checker<'_> {
    pub(crate) fn fault(&mut self, at: &Path<'_>, message: impl Display) {
        self.faults.push(at, message);
    }

    /// A mandatory value is absent that the lenient level can do without.
    pub(crate) fn missing(&mut self, at: &Path<'_>) {
        if self.validation.tolerates_missing() {
            self.remarks.missing_param = true;
        } else {
            self.fault(at, REQUIRED);
        }
    }

    /// A key is there that is not documented for its place.
    pub(crate) fn unknown(&mut self, at: &Path<'_>) {
        if self.validation.tolerates_unknown() {
            self.remarks.unknown_param = true;
        } else {
            self.fault(at, "is not documented for this event");
        }
    }

    pub(crate) fn text<'a>(&mut self, raw: &'a RawValue, at: &Path<'_>) -> Option<Cow<'a, str>> {
        self.expect(raw, ValueType::String, JsonType::String, at)?;
        decode_text(raw).map_err(|error| self.fault(at, format_args!("is not valid JSON: {error}"))).ok()
    }

    /// Text under a rule; see [`TextRule`].
    pub(crate) fn ruled_text<'a>(
        &mut self,
        raw: &'a RawValue,
        rule: TextRule,
        at: &Path<'_>,
    ) -> Option<Cow<'a, str>> {
        let text = self.text(raw, at)?;
        let (follows, message) = match rule {
            TextRule::Any => (true, ""),
            TextRule::NotEmpty => (!text.is_empty(), "must not be empty"),
            TextRule::StateName => (
                text.len() <= STATE_NAME_BYTES && is_plain_name(&text),
                "must be 1 to 64 letters (a-z, A-Z), digits, underscores and dots",
            ),
        };
        if follows {
            return Some(text);
        }
        self.fault(at, message);
        None
    }

    pub(crate) fn number(&mut self, raw: &RawValue, at: &Path<'_>) -> Option<f64> {
        self.finite(raw, ValueType::Number, at)
    }

    pub(crate) fn integer(&mut self, raw: &RawValue, at: &Path<'_>) -> Option<i64> {
        let number = self.finite(raw, ValueType::Integer, at)?;
        if number.fract() != 0.0 {
            self.fault(at, "must be an integer, is a number with a fraction");
            return None;
        }
        let integer = number as i64;
        if !(-WHOLE_NUMBER_MAX..=WHOLE_NUMBER_MAX).contains(&integer) {
            self.fault(at, format_args!("must be from -{WHOLE_NUMBER_MAX} to {WHOLE_NUMBER_MAX}"));
            return None;
        }
        Some(integer)
    }

    pub(crate) fn boolean(&mut self, raw: &RawValue, at: &Path<'_>) -> Option<bool> {
        self.expect(raw, ValueType::Boolean, JsonType::Boolean, at)?;
        Some(raw.get() == "true")
    }

    /// The text of an object.
    pub(crate) fn object<'a>(&mut self, raw: &'a RawValue, at: &Path<'_>) -> Option<&'a str> {
        self.expect(raw, ValueType::Object, JsonType::Object, at)?;
        Some(raw.get())
    }

    /// The text of an array.
    pub(crate) fn array<'a>(&mut self, raw: &'a RawValue, at: &Path<'_>) -> Option<&'a str> {
        self.expect(raw, ValueType::Array, JsonType::Array, at)?;
        Some(raw.get())
    }

    /// Takes the outcome of reading an object or array of the body. The first pass over the body has seen all of its
    /// syntax, so this fails for no known body; were one to exist, it would be refused here.
    pub(crate) fn readable<T>(&mut self, outcome: Result<T, serde_json::Error>, at: &Path<'_>) -> Option<T> {
        outcome.map_err(|error| self.fault(at, format_args!("is not valid JSON: {error}"))).ok()
    }

    fn finite(&mut self, raw: &RawValue, wanted: ValueType, at: &Path<'_>) -> Option<f64> {
        self.expect(raw, wanted, JsonType::Number, at)?;
        // Parsed from the text, not by serde_json: 1e400 is sound JSON and deserves a fault at its place.
        match raw.get().parse::<f64>() {
            Ok(number) if number.is_finite() => Some(number),
            _ => {
                self.fault(at, "must be a finite number");
                None
            }
        }
    }

    fn expect(
        &mut self,
        raw: &RawValue,
        wanted: ValueType,
        json_type: JsonType,
        at: &Path<'_>,
    ) -> Option<()> {
        let found = JsonType::of(raw);
        if found == json_type {
            return Some(());
        }
        self.fault(at, WrongType { wanted, found });
        None
    }
}

/// Whether text is `^[a-zA-Z0-9_.]+$`: the rule of metadata keys and state names.
pub(crate) fn is_plain_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
}
