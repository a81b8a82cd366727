//! Functions of PostgreSQL that the query engine lacks, or that mean something else there.

mod forms;
mod moments;
mod number_pattern;
pub(crate) mod operators;
mod pattern;
mod reading;
pub(crate) mod similar;
mod single_value;
mod span_arithmetic;
mod spans;
pub(crate) mod texts;
mod time_zone;
mod to_char;
mod to_moment;
mod written;

use datafusion::prelude::SessionContext;

/// The function behind `at time zone`; PostgreSQL has it by this name too.
pub(crate) const TIME_ZONE: &str = "timezone";
/// Makes a regular expression of a pattern of `similar to`; PostgreSQL has it by this name too.
pub(crate) const SIMILAR_PATTERN: &str = "similar_to_escape";
/// Rounds a number on its way into a type of whole numbers.
pub(crate) const WHOLE: &str = "whole_number";
/// Takes the time zone from a moment on its way into a type without one.
pub(crate) const LOCAL_TIME: &str = "local_time";
/// Writes a value on its way into text.
pub(crate) const TEXT_FORM: &str = "text_form";
/// Writes a value as a column shows it.
pub(crate) const SHOWN_FORM: &str = "shown_form";

/// Keeps the values of a subquery that stands for one value, two at most.
pub(crate) const SINGLE_VALUE: &str = "single_value";
/// Takes the only one of them, or fails.
pub(crate) const ONLY_VALUE: &str = "only_value";
/// Takes the list of a subquery that stands for a list: without rows, an empty one.
pub(crate) const OWN_LIST: &str = "own_list";

/// Adds them to a query session. Those that make texts make `limit_bytes` at a time at most.
pub(crate) fn register(context: &SessionContext, limit_bytes: usize) {
    let state = context.state();
    let forms = forms::forms().into_iter().chain(spans::spans());
    let forms = forms.chain(texts::texts(limit_bytes)).chain(single_value::of_subqueries());
    let forms = forms.chain(to_moment::to_moments(state.config().options()));
    for function in forms.chain([time_zone::time_zone(), to_char::to_char()]) {
        context.register_udf(function);
    }
    context.register_udaf(single_value::single_value());
}
