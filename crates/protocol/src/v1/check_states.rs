//! Checks of `statesStart` and `statesEnd`.

use std::ops::ControlFlow;

use serde_json::value::RawValue;

use crate::fault::Path;
use crate::json::object::{entries, for_each_element, present};
use crate::param_table::TextRule;
use crate::v1::checker::Checker;

/// The one key of a list's elements.
pub(crate) const NAME_KEY: &str = "media.state.name";

/// The names of the states in a list. An element that is `null` is absent.
pub(crate) fn check_states(array: &str, at: &Path<'_>, checker: &mut Checker<'_>) -> Vec<Box<str>> {
    let mut names = Vec::new();
    let mut index = 0;
    let outcome = for_each_element(array, |raw| {
        names.extend(present(raw).and_then(|element| check_element(element, &at.index(index), checker)));
        index += 1;
        ControlFlow::Continue(())
    });
    checker.readable(outcome, at);
    names
}

fn check_element(raw: &RawValue, at: &Path<'_>, checker: &mut Checker<'_>) -> Option<Box<str>> {
    let object = checker.object(raw, at)?;
    let pairs = checker.readable(entries(object), at)?;
    let mut name = None;
    for (key, value) in &pairs {
        if key == NAME_KEY {
            name = present(value);
        } else {
            checker.unknown(&at.key(key));
        }
    }
    let name_at = at.key(NAME_KEY);
    let Some(name) = name else {
        checker.missing(&name_at);
        return None;
    };
    checker.ruled_text(name, TextRule::StateName, &name_at).map(|name| state_name(&name))
}

/// The name under which a state is kept: one standard state is written in two ways (metrics contract, section 9).
pub(crate) fn state_name(name: &str) -> Box<str> {
    if name == "fullscreen" { "fullScreen".into() } else { name.into() }
}
