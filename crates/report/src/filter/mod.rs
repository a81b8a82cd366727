//! Filters: which rows a query counts.
//!
//! A filter is a list of conditions that all must hold. A condition is a test, `{"dimension", "operator", "value"}` or
//! `{"dimension", "operator", "values"}`, or `{"and": [...]}` or `{"or": [...]}` of conditions.
//!
//! A row without a value passes `!=`, `not in` and `exists` with `false`, and no other operator: a filter that excludes
//! a channel keeps the sessions without one. Texts are compared byte for byte; `content_type`, `stream_type` and every
//! part that `contains` searches for without case. A dimension with several values passes `=`, `in` and `contains` if one
//! of its values does, and `!=` and `not in` if the filter names none of them.

pub(crate) mod expr;
pub(crate) mod json;
pub(crate) mod starts;

use datafusion::logical_expr::{Expr, lit};

use crate::names::dimension::{Dimension, DimensionKind, Fact};

/// How a dimension is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `contains`: the text has this part, without case.
    Contains,
    /// `exists`: there is a value; with `false`, there is none.
    Exists,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Equal,
        Self::NotEqual,
        Self::In,
        Self::NotIn,
        Self::Contains,
        Self::Exists,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    /// How it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Contains => "contains",
            Self::Exists => "exists",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    /// The condition on a row, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Equal => "the value is this one",
            Self::NotEqual => "the value is not this one, or is missing",
            Self::In => "the value is one of these",
            Self::NotIn => "the value is not one of these, or is missing",
            Self::Contains => "the text contains this part, in upper or lower case",
            Self::Exists => "there is a value; with false: the value is missing",
            Self::Greater => "the value is above this one; texts byte by byte",
            Self::GreaterOrEqual => "the value is this one or above it; texts byte by byte",
            Self::Less => "the value is below this one; texts byte by byte",
            Self::LessOrEqual => "the value is this one or below it; texts byte by byte",
        }
    }

    /// Whether it takes several values.
    pub(crate) const fn takes_values(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }

    /// Whether it can compare this dimension.
    pub(crate) fn is_for(self, dimension: &Dimension) -> bool {
        match self {
            Self::Equal | Self::NotEqual | Self::In | Self::NotIn | Self::Exists => true,
            Self::Contains => dimension.kind == DimensionKind::Text,
            Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual => {
                dimension.kind != DimensionKind::Boolean && !dimension.is_list()
            }
        }
    }
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterValue {
    /// Text.
    Text(String),
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A moment, ms since the epoch.
    Time(i64),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The dimension that is compared.
    pub dimension: Dimension,
    /// The operator.
    pub operator: Operator,
    /// The operands: one value, or several for `in` and `not in`. For `exists` a truth value.
    pub values: Vec<FilterValue>,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// All hold.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
    /// A comparison.
    Test(Test),
}

/// The filters of a query: conditions that must all hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filters {
    /// The conditions.
    pub conditions: Vec<Condition>,
}

impl Filters {
    /// Whether every row passes.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// All dimensions that are compared.
    pub fn dimensions(&self) -> Vec<&Dimension> {
        fn walk<'filter>(conditions: &'filter [Condition], found: &mut Vec<&'filter Dimension>) {
            for condition in conditions {
                match condition {
                    Condition::All(inner) | Condition::Any(inner) => walk(inner, found),
                    Condition::Test(test) => found.push(&test.dimension),
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.conditions, &mut found);
        found
    }

    /// The first dimension that rows of `fact` do not have. If there is none, the filters apply to these rows.
    pub(crate) fn missing_on(&self, fact: Fact) -> Option<&Dimension> {
        self.dimensions().into_iter().find(|dimension| !dimension.is_on(fact))
    }

    /// The condition on rows of `fact`; `None` if every row passes. The rows must have all dimensions
    /// ([`Filters::missing_on`]).
    pub fn expr(&self, fact: Fact) -> Option<Expr> {
        let all = self.conditions.iter().map(|condition| condition.expr(fact));
        all.reduce(Expr::and)
    }
}

impl Condition {
    /// The condition on rows of `fact`.
    pub fn expr(&self, fact: Fact) -> Expr {
        match self {
            Self::All(inner) => inner
                .iter()
                .map(|condition| condition.expr(fact))
                .reduce(Expr::and)
                .unwrap_or_else(|| lit(true)),
            Self::Any(inner) => inner
                .iter()
                .map(|condition| condition.expr(fact))
                .reduce(Expr::or)
                .unwrap_or_else(|| lit(false)),
            Self::Test(test) => expr::test(test, fact),
        }
    }
}
