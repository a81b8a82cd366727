//! The order of a list of sessions, and places in it.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{Expr, cast, lit};
use datafusion::prelude::ident;
use playhead_protocol::SessionId;

use crate::faults::Faults;
use crate::filter::json::unknown_dimension;
use crate::names::dimension::{Dimension, DimensionKind, Fact};
use crate::nearest::quoted;

/// The order of a list; sessions with the same value come in descending order of their ids, those without a value last.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    /// The name of the value, as the request has it.
    name: String,
    /// The value as a number; of times the microseconds, which are exact.
    key: Expr,
    is_descending: bool,
}

/// A place in a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cursor {
    /// The value by which the list is ordered.
    pub(super) key: Option<f64>,
    pub(super) session_id: String,
}

/// The order of a list that names none: the latest start first.
const USUAL: &str = "-started_at";

impl Order {
    /// The order that a text names: a dimension or metric of sessions, behind `-` if descending.
    pub(super) fn parse(text: Option<&str>, faults: &mut Faults) -> Self {
        let text = text.unwrap_or(USUAL);
        let (name, is_descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let key = match Dimension::named(name) {
            None => Err(unknown_dimension(name, false)),
            Some(dimension) => key_of(&dimension).ok_or_else(|| {
                let name = quoted(name);
                format!(
                    "names {name}; sessions are ordered by a number, a time or a truth value of their rows"
                )
            }),
        };
        let key = key.unwrap_or_else(|message| {
            faults.push("order_by", message);
            lit(0.0)
        });
        Self { name: name.to_owned(), key, is_descending }
    }

    /// The value by which the list is ordered.
    pub(super) fn key(&self) -> Expr {
        self.key.clone()
    }

    /// The order of rows with this column of keys.
    pub(super) fn sort(&self, key: &str) -> Vec<Sort> {
        vec![ident(key).sort(!self.is_descending, false), ident("session_id").sort(false, false)]
    }

    /// Whether a row lies behind a place.
    pub(super) fn is_behind(&self, place: &Cursor, key: Expr) -> Expr {
        let is_next = ident("session_id").lt(lit(place.session_id.as_str()));
        let Some(value) = place.key.map(lit) else { return key.is_null().and(is_next) };
        let is_further =
            if self.is_descending { key.clone().lt(value.clone()) } else { key.clone().gt(value.clone()) };
        is_further.or(key.clone().eq(value).and(is_next)).or(key.is_null())
    }

    /// A place as a text that [`Self::read_cursor`] of the same order reads.
    pub(super) fn write(&self, place: &Cursor) -> String {
        let key = place.key.map_or_else(String::new, |key| format!("{key:?}"));
        format!("{}{}:{key}:{}", self.sign(), self.name, place.session_id)
    }

    /// The place that a text means; `None` if this order did not write it.
    pub(super) fn read_cursor(&self, text: &str) -> Option<Cursor> {
        let (rest, session_id) = text.rsplit_once(':')?;
        let (order, key) = rest.rsplit_once(':')?;
        let is_own = order.strip_prefix(self.sign()) == Some(&*self.name);
        if !is_own || session_id.parse::<SessionId>().is_err() {
            return None;
        }
        let key = match key {
            "" => None,
            key => Some(key.parse().ok()?),
        };
        Some(Cursor { key, session_id: session_id.to_owned() })
    }

    const fn sign(&self) -> &'static str {
        if self.is_descending { "-" } else { "" }
    }
}

/// The value of a dimension in a session, as a number; `None` if it is none.
fn key_of(dimension: &Dimension) -> Option<Expr> {
    if !dimension.is_on(Fact::Sessions) || dimension.is_list() {
        return None;
    }
    let value = dimension.expr(Fact::Sessions);
    let number = match dimension.kind {
        DimensionKind::Text => return None,
        DimensionKind::Time | DimensionKind::Boolean => cast(value, DataType::Int64),
        DimensionKind::Integer | DimensionKind::Number => value,
    };
    Some(cast(number, DataType::Float64))
}
