//! Which sessions in memory a query wants, as far as its filters say so in a form that can be tested before any row is made.
//!
//! The filters apply to the rows again, so a filter that is not understood here costs time only.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use playhead_lake::{Table, is_of_session};
use playhead_protocol::{ParamId, SessionId, ValueType};
use playhead_session::{CASELESS_COLUMNS, start_columns};
use serde::{Deserialize, Serialize};

use crate::limits::WANTED_VALUES;

/// The column that says whether a session may still change.
const IS_OPEN: &str = "is_open";

/// The column that says when a session began.
const STARTED_AT: &str = "started_at";

/// The column that says which session it is.
const SESSION_ID: &str = "session_id";

/// Which sessions in memory a query wants, by what they are in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum InMemory {
    /// All.
    #[default]
    All,
    /// Sessions that may still change (`is_open`).
    Open,
    /// Sessions that have closed and are not in the journal yet.
    Closed,
}

/// Which sessions in memory a query wants. The rows of all others may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Wanted {
    /// By what they are in.
    pub state: InMemory,
    /// Only these, if it names some; each once.
    pub sessions: Option<Vec<SessionId>>,
    /// Only those that started at this moment or later, us since the epoch.
    pub from_us: Option<i64>,
    /// Only those that started at this moment or earlier, us since the epoch.
    pub until_us: Option<i64>,
    /// Only those whose `sessionStart` gave each of these columns one of its texts.
    pub texts: Vec<WantedText>,
}

/// A column of `sessionStart`, and the texts that it may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct WantedText {
    /// The name of the column.
    pub column: String,
    /// The texts.
    pub texts: Vec<String>,
}

impl WantedText {
    /// The parameter that gives the column its text as it is; `None` if there is none.
    pub fn param(&self) -> Option<ParamId> {
        param_of(&self.column)
    }
}

impl Wanted {
    /// All sessions in memory.
    pub fn all() -> Self {
        Self::default()
    }

    /// The sessions in memory whose rows of a table can pass these filters, which must all hold.
    pub(crate) fn of(table: Table, filters: &[Expr]) -> Self {
        let mut wanted = Self::default();
        for filter in filters.iter().flat_map(split_conjunction) {
            wanted.restrict(table, filter);
        }
        wanted
    }

    fn restrict(&mut self, table: Table, filter: &Expr) {
        if let Some(is_open) = means_is_open(filter) {
            if self.state == InMemory::All {
                self.state = if is_open { InMemory::Open } else { InMemory::Closed };
            }
        } else if let Some((operator, us)) = bound_of_start(filter) {
            self.bound(operator, us);
        } else if let Some((column, texts)) = texts_of(filter)
            && texts.len() <= WANTED_VALUES
            && is_of_session(table, column)
        {
            if column == SESSION_ID {
                // A text that is no id names no session.
                let mut ids: Vec<SessionId> = texts.iter().filter_map(|text| text.parse().ok()).collect();
                ids.sort_unstable();
                ids.dedup();
                self.sessions.get_or_insert(ids);
            } else if param_of(column).is_some() {
                let texts = texts.into_iter().map(str::to_owned).collect();
                self.texts.push(WantedText { column: column.to_owned(), texts });
            }
        }
    }

    fn bound(&mut self, operator: Operator, us: i64) {
        let (from_us, until_us) = match operator {
            Operator::Gt => (Some(us.saturating_add(1)), None),
            Operator::GtEq => (Some(us), None),
            Operator::Lt => (None, Some(us.saturating_sub(1))),
            Operator::LtEq => (None, Some(us)),
            Operator::Eq => (Some(us), Some(us)),
            _ => return,
        };
        // Of several bounds the narrowest counts.
        self.from_us = self.from_us.max(from_us);
        self.until_us = [self.until_us, until_us].into_iter().flatten().min();
    }
}

/// The parameter whose text is that of a column of `sessionStart`, byte for byte.
fn param_of(column: &str) -> Option<ParamId> {
    let (id, name) = start_columns().find(|(_, name)| *name == column)?;
    (id.param().value_type == ValueType::String && !CASELESS_COLUMNS.contains(&name)).then_some(id)
}

/// The value that `is_open` has exactly where the filter holds, if the filter is about nothing else.
fn means_is_open(filter: &Expr) -> Option<bool> {
    match filter {
        Expr::Column(column) => (column.name == IS_OPEN).then_some(true),
        Expr::Alias(alias) => means_is_open(&alias.expr),
        Expr::IsTrue(expr) => means_is_open(expr),
        Expr::Not(expr) | Expr::IsFalse(expr) => means_is_open(expr).map(|is_open| !is_open),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let (expr, value) = match (left.as_ref(), right.as_ref()) {
                (expr, Expr::Literal(ScalarValue::Boolean(Some(value)), _))
                | (Expr::Literal(ScalarValue::Boolean(Some(value)), _), expr) => (expr, *value),
                _ => return None,
            };
            let is_open = means_is_open(expr)?;
            match op {
                Operator::Eq => Some(is_open == value),
                Operator::NotEq => Some(is_open != value),
                _ => None,
            }
        }
        _ => None,
    }
}

/// How a filter compares the moment at which a session started, and the moment that it compares it with.
fn bound_of_start(filter: &Expr) -> Option<(Operator, i64)> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return None };
    let (column, operator, literal) = match (left.as_ref(), right.as_ref()) {
        (Expr::Column(column), Expr::Literal(literal, _)) => (column, *op, literal),
        (Expr::Literal(literal, _), Expr::Column(column)) => (column, op.swap()?, literal),
        _ => return None,
    };
    match literal {
        ScalarValue::TimestampMicrosecond(Some(us), _) if column.name == STARTED_AT => Some((operator, *us)),
        _ => None,
    }
}

/// The texts of which one must be that of a column, and the column, if the filter is about nothing else.
fn texts_of(filter: &Expr) -> Option<(&str, Vec<&str>)> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            match (left.as_ref(), right.as_ref()) {
                (Expr::Column(column), literal) | (literal, Expr::Column(column)) => {
                    Some((&column.name, vec![text_of(literal)?]))
                }
                _ => None,
            }
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let (column, mut texts) = texts_of(left)?;
            let (other, more) = texts_of(right)?;
            texts.extend(more);
            (column == other).then_some((column, texts))
        }
        Expr::InList(list) if !list.negated => {
            let Expr::Column(column) = list.expr.as_ref() else { return None };
            let texts: Option<Vec<&str>> = list.list.iter().map(text_of).collect();
            Some((&column.name, texts?))
        }
        _ => None,
    }
}

fn text_of(literal: &Expr) -> Option<&str> {
    match literal {
        Expr::Literal(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::Utf8View(Some(text))
            | ScalarValue::LargeUtf8(Some(text)),
            _,
        ) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::lit;
    use datafusion::prelude::ident;

    use super::*;
    use crate::time::range::moment_literal;

    fn of(filter: Expr) -> Wanted {
        Wanted::of(Table::Sessions, &[filter])
    }

    fn texts(column: &str, texts: &[&str]) -> Vec<WantedText> {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        vec![WantedText { column: column.to_owned(), texts }]
    }

    #[test]
    fn filters_on_starts_are_understood() {
        let ms = |ms: i64| moment_literal(ms);
        let range = ident("started_at").gt_eq(ms(5)).and(ms(9).gt(ident("started_at")));
        let range = of(range.and(ident("started_at").gt(ms(3))).and(ident("is_open").eq(lit(true))));
        assert_eq!((range.from_us, range.until_us), (Some(5_000), Some(8_999)));
        assert_eq!(range.state, InMemory::Open);
        let channel = || ident("channel");
        assert_eq!(of(channel().eq(lit("a"))).texts, texts("channel", &["a"]));
        assert_eq!(of(lit("a").eq(channel())).texts, texts("channel", &["a"]));
        let some = texts("channel", &["a", "b"]);
        assert_eq!(of(channel().in_list(vec![lit("a"), lit("b")], false)).texts, some);
        assert_eq!(of(channel().eq(lit("a")).or(channel().eq(lit("b")))).texts, some);
        let id = SessionId::from_bytes([7; SessionId::LENGTH]);
        let ids = vec![lit(id.to_string()), lit("none"), lit(id.to_string())];
        assert_eq!(of(ident("session_id").in_list(ids, false)).sessions, Some(vec![id]));
    }

    #[test]
    fn other_filters_want_all() {
        let channel = || ident("channel");
        let null = || lit(ScalarValue::Utf8(None));
        for filter in [
            channel().not_eq(lit("a")),
            channel().in_list(vec![lit("a")], true),
            channel().in_list(vec![lit("a"), null()], false),
            channel().eq(null()),
            channel().eq(lit("a")).or(ident("content_id").eq(lit("a"))),
            channel().eq(lit("a")).or(channel().is_null()),
            channel().gt(lit("a")),
            channel().eq(ident("content_id")),
            ident("content_type").eq(lit("vod")),
            ident("close_reason").eq(lit("session_end")),
            ident("received_at").gt(moment_literal(5)),
            ident("is_open").or(channel().eq(lit("a"))),
        ] {
            assert_eq!(of(filter.clone()), Wanted::all(), "{filter}");
        }
        let many = (0..=WANTED_VALUES).map(|number| lit(number.to_string())).collect();
        assert_eq!(of(channel().in_list(many, false)), Wanted::all());
        // The name of an ad is not that of a session.
        assert_eq!(Wanted::of(Table::Ads, &[ident("ad_name").eq(lit("a"))]), Wanted::all());
        assert_eq!(Wanted::of(Table::Ads, &[channel().eq(lit("a"))]).texts, texts("channel", &["a"]));
    }
}
