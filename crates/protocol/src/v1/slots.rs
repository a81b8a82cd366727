//! The documented values of `params` or `qoeData`, each at its parameter's place in the table.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::fault::Path;
use crate::json::object::{for_each_entry, present};
use crate::param_table::{PARAMS, Param, ParamId};
use crate::v1::checker::Checker;

/// Unchecked values by parameter. Where a key was repeated, its last value; `null` leaves the slot empty.
pub(crate) struct Slots<'a>([Option<&'a RawValue>; PARAMS.len()]);

impl<'a> Slots<'a> {
    /// Sorts the pairs of an object into slots. Keys without a documented meaning at that place are for the checker's
    /// level to judge, whatever their value.
    pub(crate) fn read(
        object: Option<&'a str>,
        is_documented: impl Fn(&Param) -> bool,
        at: &Path<'_>,
        checker: &mut Checker<'_>,
    ) -> Self {
        let mut slots = Self([None; PARAMS.len()]);
        let Some(object) = object else { return slots };
        // A set, so that a repeated key is one fault; it stays empty on the levels that only remark.
        let mut refused_keys = BTreeSet::new();
        let outcome = for_each_entry(object, |key, value| {
            match ParamId::of_key(&key).filter(|id| is_documented(id.param())) {
                Some(id) => slots.0[usize::from(id.as_byte())] = present(value),
                None if checker.validation.tolerates_unknown() => checker.unknown(at),
                None => {
                    refused_keys.insert(key);
                }
            }
        });
        for key in &refused_keys {
            checker.unknown(&at.key(key));
        }
        checker.readable(outcome, at);
        slots
    }

    pub(crate) const fn get(&self, id: ParamId) -> Option<&'a RawValue> {
        self.0[id.as_byte() as usize]
    }
}
