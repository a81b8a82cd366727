//! Expressions that the engine reads differently from PostgreSQL, put into its words.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, Function, FunctionArguments, GroupByExpr, Ident, ObjectName,
    Query, Select, SelectItem, SetExpr, TableFactor, UnaryOperator, Value, VisitorMut, visit_expressions,
};

use crate::functions::postgres::similar::{expression_of_similar, expression_of_substring};
use crate::functions::postgres::{
    LOCAL_TIME, ONLY_VALUE, SHOWN_FORM, SIMILAR_PATTERN, SINGLE_VALUE, TIME_ZONE,
};
use crate::sql::dialect::calls::{
    call, column_name, function_name, literal_text, number, operation, parts_of, plain_args, take, text,
};
use crate::sql::dialect::conversions::{NAME_OF_OID, OID_OF, constant_of, conversion, use_own_type};
use crate::sql::dialect::lists::{list_of, list_of_rows};
use crate::sql::dialect::literals::interval_in_words;
use crate::sql::dialect::tables::name_functions;

/// Functions that the engine has under another name.
const OTHER_NAMES: [(&str, &str); 11] = [
    ("array_remove", "array_remove_all"),
    ("array_replace", "array_replace_all"),
    ("ceiling", "ceil"),
    ("sign", "signum"),
    ("every", "bool_and"),
    ("variance", "var_samp"),
    ("transaction_timestamp", "now"),
    ("statement_timestamp", "now"),
    ("clock_timestamp", "now"),
    ("pg_get_viewdef", "pg_get_expr"),
    ("char_length", "character_length"),
];

/// A walk through a statement.
pub(super) struct Expressions<'a> {
    /// What the engine has: functions that make one value of many rows, and functions that are tables.
    state: &'a SessionState,
    /// Where the subqueries are that stand for a list of values.
    lists: HashSet<usize>,
    /// The columns of the selects around, as they were written; `None` if one has a name.
    written: Vec<Vec<Option<Expr>>>,
    refused: Option<String>,
}

impl<'a> Expressions<'a> {
    /// A walk for an engine.
    pub(super) fn new(state: &'a SessionState) -> Self {
        Self { state, lists: HashSet::new(), written: Vec::new(), refused: None }
    }

    /// What the engine cannot be told.
    pub(super) fn outcome(self) -> Result<(), DataFusionError> {
        self.refused.map_or(Ok(()), |refused| Err(DataFusionError::NotImplemented(refused)))
    }
}

impl VisitorMut for Expressions<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let written = |item: &SelectItem| match item {
            SelectItem::UnnamedExpr(expr) => Some(expr.clone()),
            _ => None,
        };
        self.written.push(select.projection.iter().map(written).collect());
        if let Err(error) = name_functions(select, |name| self.state.table_functions().contains_key(name)) {
            self.refused = Some(error.to_string());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let written = self.written.pop().unwrap_or_default();
        for (item, written) in select.projection.iter_mut().zip(written) {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    series_as_rows(expr);
                    if let Some(written) = written.filter(|written| written != expr) {
                        let alias = Ident::with_quote('"', column_name(&written));
                        *item = SelectItem::ExprWithAlias { expr: take(expr), alias };
                    }
                }
                SelectItem::ExprWithAlias { expr, .. } => series_as_rows(expr),
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, args: Some(_), .. } => strip_schema(name),
            TableFactor::Function { name, .. } => strip_schema(name),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::AnyOp { right, .. } | Expr::AllOp { right, .. } = expr
            && matches!(**right, Expr::Subquery(_))
        {
            self.lists.insert(place_of(right));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::AtTimeZone { timestamp, time_zone } => {
                *expr = call(TIME_ZONE, vec![take(time_zone), take(timestamp)]);
            }
            Expr::UnaryOp { op, expr: inner } => {
                if let Some(called) = unary(*op, inner) {
                    *expr = called;
                }
            }
            Expr::Collate { expr: inner, collation } if is_by_bytes(collation) => *expr = take(inner),
            Expr::BinaryOp { op, .. } => {
                if let Some(plain) = operator_of_schema(op) {
                    *op = plain;
                }
            }
            Expr::SimilarTo { .. } => self.similar_to(expr),
            Expr::Substring { .. } => self.substring(expr),
            Expr::Cast { .. } => conversion(expr),
            Expr::TypedString(typed) => {
                use_own_type(&mut typed.data_type);
                if let Some(written) = constant_of(&typed.data_type, &typed.value.value) {
                    typed.value.value = written;
                }
            }
            Expr::Interval(interval) => {
                if let Some(words) = literal_text(&interval.value).and_then(interval_in_words) {
                    *interval.value = text(&words);
                }
            }
            Expr::AnyOp { right, .. } | Expr::AllOp { right, .. } => {
                if let Some(list) = literal_text(right).and_then(|text| list_of(text, false)) {
                    **right = list;
                }
            }
            Expr::Identifier(ident) if is_word(ident, "current_schema") => {
                *expr = call(&ident.value.to_lowercase(), Vec::new());
            }
            Expr::Function(_) => self.function(expr),
            Expr::Subquery(_) if self.lists.remove(&place_of(expr)) => {}
            Expr::Subquery(query) => {
                let is_wrapped = self.one_value(query);
                if is_wrapped {
                    *expr = call(ONLY_VALUE, vec![take(expr)]);
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Expressions<'_> {
    /// The engine takes the pattern of `similar to` for a regular expression, which it is not.
    fn similar_to(&mut self, expr: &mut Expr) {
        let Expr::SimilarTo { negated, expr: value, pattern, escape_char } = expr else { return };
        let op = if *negated { BinaryOperator::PGRegexNotMatch } else { BinaryOperator::PGRegexMatch };
        let escape = escape_char.take().map(Expr::Value);
        let expression = match literal_text(pattern) {
            Some(known) => match expression_of_similar(known, escape.as_ref().and_then(literal_text)) {
                Ok(expression) => text(&expression),
                Err(error) => return self.refuse(&error),
            },
            None => call(SIMILAR_PATTERN, std::iter::once(take(pattern)).chain(escape).collect()),
        };
        *expr = operation(take(value), op, expression);
    }

    /// `substring(value from pattern)`, which the engine takes for a position.
    fn substring(&mut self, expr: &mut Expr) {
        let Expr::Substring { expr: value, substring_from: Some(from), substring_for, .. } = expr else {
            return;
        };
        let Some(pattern) = literal_text(from) else { return };
        let expression = match substring_for.as_deref() {
            None => text(pattern),
            Some(escape) => match expression_of_substring(pattern, literal_text(escape).unwrap_or("\\")) {
                Ok(expression) => text(&expression),
                Err(error) => return self.refuse(&error),
            },
        };
        *expr = part_matching(take(value), expression);
    }

    /// Makes sure that a subquery gives one value where it stands for one: the engine does not see it by itself. Whether it gives
    /// a list of its values now, of which the only one is to be taken.
    fn one_value(&self, query: &mut Query) -> bool {
        let is_bare = query.limit_clause.is_none() && query.fetch.is_none() && query.order_by.is_none();
        let SetExpr::Select(select) = &mut *query.body else { return false };
        let is_grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
        if !is_bare || is_grouped || select.having.is_some() || select.distinct.is_some() {
            return false;
        }
        let [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] =
            select.projection.as_mut_slice()
        else {
            return false;
        };
        let mut has_many = false;
        let _ = visit_expressions(&*expr, |part| {
            if let Expr::Function(function) = part {
                let name = function_name(function).unwrap_or_default();
                has_many |= function.over.is_some()
                    || name == "unnest"
                    || self.state.aggregate_functions().contains_key(&name);
            }
            ControlFlow::<()>::Continue(())
        });
        let is_alone = !has_many && !select.from.is_empty();
        if is_alone {
            *expr = call(SINGLE_VALUE, vec![take(expr)]);
        }
        is_alone
    }

    fn refuse(&mut self, error: &DataFusionError) {
        self.refused = Some(error.strip_backtrace());
    }

    fn function(&mut self, expr: &mut Expr) {
        let Expr::Function(function) = expr else { return };
        let Some(name) = function_name(function) else { return };
        strip_schema(&mut function.name);
        if let Some((_, own)) = OTHER_NAMES.iter().find(|(other, _)| *other == name) {
            function.name = ObjectName::from(vec![Ident::new(*own)]);
        }
        if name == "array"
            && let FunctionArguments::Subquery(query) = &function.args
        {
            match list_of_rows(query) {
                Ok(listed) => *expr = listed,
                Err(error) => self.refused = Some(error.to_string()),
            }
            return;
        }
        if name == "localtimestamp" {
            *expr = call(LOCAL_TIME, vec![call("now", Vec::new())]);
            return;
        }
        let Some(args) = plain_args(function) else { return };
        match (name.as_str(), args.as_slice()) {
            ("div", [left, right]) => {
                let quotient = operation(bracketed(left), BinaryOperator::Divide, bracketed(right));
                *expr = call("trunc", vec![quotient]);
            }
            ("array_length", [_, _]) => *expr = as_whole(call("nullif", vec![take(expr), number(0)])),
            ("cardinality", [_]) | ("array_position", [_, _, ..]) => *expr = as_whole(take(expr)),
            ("concat" | "concat_ws", args) => {
                *expr = call(&name, args.iter().map(|arg| call(SHOWN_FORM, vec![arg.clone()])).collect());
            }
            ("date_trunc", [unit, moment]) => {
                if let Some(one) = literal_text(unit).and_then(one_unit) {
                    *expr = call(&name, vec![text(one), moment.clone()]);
                }
            }
            ("mod", [left, right]) => {
                *expr = operation(bracketed(left), BinaryOperator::Modulo, bracketed(right));
            }
            ("date_trunc", [unit, moment, zone]) => {
                let local = call(TIME_ZONE, vec![zone.clone(), moment.clone()]);
                let truncated = call("date_trunc", vec![unit.clone(), local.clone()]);
                *expr = if literal_text(unit).is_some_and(is_within_hours) {
                    // What clocks show does not tell the moment in the hour that they show twice.
                    let past = operation(local, BinaryOperator::Minus, truncated);
                    operation(bracketed(moment), BinaryOperator::Minus, past)
                } else {
                    call(TIME_ZONE, vec![zone.clone(), truncated])
                };
            }
            _ => {}
        }
    }
}

/// An operator before a value that is a function here.
fn unary(op: UnaryOperator, value: &mut Expr) -> Option<Expr> {
    let name = match op {
        UnaryOperator::PGAbs => "abs",
        UnaryOperator::PGSquareRoot => "sqrt",
        UnaryOperator::PGCubeRoot => "cbrt",
        // The engine puts the sign before the text of the length, which may have one already.
        UnaryOperator::Minus if matches!(value, Expr::Interval(_)) => {
            return Some(operation(take(value), BinaryOperator::Multiply, number(-1)));
        }
        UnaryOperator::BitwiseNot => {
            return Some(operation(number(-1), BinaryOperator::Minus, bracketed(value)));
        }
        _ => return None,
    };
    Some(call(name, vec![take(value)]))
}

/// A number of elements as PostgreSQL counts it. The engine has numbers without a sign there.
fn as_whole(count: Expr) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(count),
        data_type: DataType::BigInt(None),
        array: false,
        format: None,
    }
}

/// A unit of time that is written for several.
fn one_unit(unit: &str) -> Option<&str> {
    let one = unit.strip_suffix('s')?;
    is_within_hours(one).then_some(one)
}

/// Whether a unit of time is an hour or a part of one.
fn is_within_hours(unit: &str) -> bool {
    let unit = unit.to_lowercase();
    let unit = unit.strip_suffix('s').unwrap_or(&unit);
    ["hour", "minute", "second", "millisecond", "microsecond"].contains(&unit)
}

/// Where an expression is; it does not move while it is walked through.
fn place_of(expr: &Expr) -> usize {
    std::ptr::from_ref(expr).addr()
}

/// The part of a text that a regular expression matches: what its first brackets enclose, or all.
fn part_matching(value: Expr, expression: Expr) -> Expr {
    let first = Expr::Value(Value::Number("1".to_owned(), false).with_empty_span());
    call("array_element", vec![call("regexp_match", vec![value, expression]), first])
}

fn bracketed(expr: &Expr) -> Expr {
    Expr::Nested(Box::new(expr.clone()))
}

/// A series beside other columns is rows in PostgreSQL; the engine would give a list.
fn series_as_rows(expr: &mut Expr) {
    match expr {
        Expr::Function(function) if function_name(function).as_deref() == Some("generate_series") => {
            *expr = call("unnest", vec![take(expr)]);
        }
        Expr::Cast { expr: inner, .. } | Expr::Nested(inner) => series_as_rows(inner),
        _ => {}
    }
}

/// Takes PostgreSQL's own schema off a name: the engine has one room for all functions.
fn strip_schema(name: &mut ObjectName) {
    let parts = parts_of(name);
    if let [schema, own] = parts.as_slice()
        && schema == "pg_catalog"
    {
        *name = ObjectName::from(vec![Ident::new(own.clone())]);
    }
}

/// Whether a name is this word, which calls a function without brackets.
fn is_word(ident: &Ident, word: &str) -> bool {
    ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case(word)
}

/// Whether a collation compares by bytes, as the engine always does.
fn is_by_bytes(collation: &ObjectName) -> bool {
    let name = parts_of(collation).pop().unwrap_or_default();
    ["default", "c", "posix", "ucs_basic", "c.utf-8", "c.utf8"].contains(&name.to_lowercase().as_str())
}

/// The operator that `operator(pg_catalog.~)` and the like name.
fn operator_of_schema(op: &BinaryOperator) -> Option<BinaryOperator> {
    let BinaryOperator::PGCustomBinaryOperator(parts) = op else { return None };
    let sign = match parts.as_slice() {
        [sign] => sign,
        [schema, sign] if schema == "pg_catalog" => sign,
        _ => return None,
    };
    Some(match sign.as_str() {
        "~" => BinaryOperator::PGRegexMatch,
        "~*" => BinaryOperator::PGRegexIMatch,
        "!~" => BinaryOperator::PGRegexNotMatch,
        "!~*" => BinaryOperator::PGRegexNotIMatch,
        "~~" => BinaryOperator::PGLikeMatch,
        "~~*" => BinaryOperator::PGILikeMatch,
        "!~~" => BinaryOperator::PGNotLikeMatch,
        "!~~*" => BinaryOperator::PGNotILikeMatch,
        "=" => BinaryOperator::Eq,
        "<>" => BinaryOperator::NotEq,
        "<" => BinaryOperator::Lt,
        "<=" => BinaryOperator::LtEq,
        ">" => BinaryOperator::Gt,
        ">=" => BinaryOperator::GtEq,
        "+" => BinaryOperator::Plus,
        "-" => BinaryOperator::Minus,
        "*" => BinaryOperator::Multiply,
        "/" => BinaryOperator::Divide,
        "%" => BinaryOperator::Modulo,
        "||" => BinaryOperator::StringConcat,
        _ => return None,
    })
}

/// Shows a number of the catalogue by its name, as PostgreSQL does for a column of a response.
pub(super) fn show_names(select: &mut Select) {
    for item in &mut select.projection {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { continue };
        if let Expr::Function(Function { name, .. }) = expr
            && parts_of(name) == [OID_OF]
        {
            *name = ObjectName::from(vec![Ident::new(NAME_OF_OID)]);
        }
    }
}
