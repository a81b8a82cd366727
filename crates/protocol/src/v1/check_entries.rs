//! Checks of the objects whose keys are the client's own: `customMetadata` and `visitor.customerIDs`.

use serde_json::value::RawValue;

use crate::fault::Path;
use crate::json::object::{entries, present};
use crate::packed::{PackedPairs, PairsPacker};
use crate::v1::checker::{Checker, is_plain_name};

/// Highest `authState` of a customer id: 0 unknown, 1 authenticated, 2 logged out.
pub(crate) const AUTH_STATE_MAX: i64 = 2;

/// Checks `customMetadata` of an event that keeps it. The rule of the keys holds for keys without a value too.
pub(crate) fn check_custom_metadata(object: &str, at: &Path<'_>, checker: &mut Checker<'_>) -> PackedPairs {
    let mut packer = PairsPacker::default();
    let Some(pairs) = checker.readable(entries(object), at) else { return packer.finish() };
    for (key, value) in &pairs {
        let path = at.key(key);
        if !is_plain_name(key) {
            checker.fault(&path, "must have a key of letters (a-z, A-Z), digits, underscores and dots");
        }
        if let Some(text) = present(value).and_then(|value| checker.text(value, &path)) {
            packer.push(key, &text);
        }
    }
    packer.finish()
}

/// Checks that `visitor.customerIDs` maps names to `{id: string, authState: 0|1|2}`; what else its members hold is
/// the client's own.
pub(crate) fn check_customer_ids(object: &str, at: &Path<'_>, checker: &mut Checker<'_>) {
    let Some(pairs) = checker.readable(entries(object), at) else { return };
    for (name, value) in &pairs {
        if let Some(member) = present(value) {
            check_customer_id(member, &at.key(name), checker);
        }
    }
}

fn check_customer_id(raw: &RawValue, at: &Path<'_>, checker: &mut Checker<'_>) {
    let Some(object) = checker.object(raw, at) else { return };
    let Some(pairs) = checker.readable(entries(object), at) else { return };
    for (key, value) in &pairs {
        let path = at.key(key);
        let Some(value) = present(value) else { continue };
        match &**key {
            "id" => {
                checker.text(value, &path);
            }
            "authState" => {
                let state = checker.integer(value, &path);
                if state.is_some_and(|state| !(0..=AUTH_STATE_MAX).contains(&state)) {
                    checker.fault(&path, "must be 0, 1 or 2");
                }
            }
            _ => {}
        }
    }
}
