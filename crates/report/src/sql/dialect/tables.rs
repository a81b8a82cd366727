//! Functions in place of tables, named as in PostgreSQL: `from generate_series(1, 3) n` has one column, and it is `n`.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, Ident, Select, TableAlias, TableAliasColumnDef, TableFactor, TableFunctionArgs, Value,
    visit_expressions,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};

use crate::sql::dialect::calls::parts_of;

/// Functions that give rows of one column.
const OF_ONE_COLUMN: [&str; 3] = ["generate_series", "range", "unnest"];

/// Puts the functions among the tables of a select into words of the engine, which has these as tables.
///
/// # Errors
///
/// If a call cannot be written as a query, which does not happen.
pub(super) fn name_functions(
    select: &mut Select,
    is_table: impl Fn(&str) -> bool,
) -> Result<(), ParserError> {
    let has_functions = select
        .from
        .iter()
        .any(|from| is_function(&from.relation) || from.joins.iter().any(|join| is_function(&join.relation)));
    if !has_functions {
        return Ok(());
    }
    let words = Words::of(select);
    for from in &mut select.from {
        name_function(&mut from.relation, &words, &is_table)?;
        for join in &mut from.joins {
            name_function(&mut join.relation, &words, &is_table)?;
        }
    }
    Ok(())
}

fn is_function(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Table { args: Some(_), .. } | TableFactor::UNNEST { .. })
}

/// The names that a select uses.
#[derive(Debug, Default)]
struct Words {
    /// Those that stand alone.
    alone: HashSet<String>,
    /// Those with a table before them, after it.
    with_table: HashSet<(String, String)>,
}

impl Words {
    fn of(select: &Select) -> Self {
        let mut words = Self::default();
        let _ = visit_expressions(select, |expr| {
            match expr {
                Expr::Identifier(ident) => {
                    words.alone.insert(ident.value.to_lowercase());
                }
                Expr::CompoundIdentifier(parts) => {
                    if let [.., table, column] = parts.as_slice() {
                        words.with_table.insert((table.value.to_lowercase(), column.value.to_lowercase()));
                    }
                }
                _ => {}
            }
            ControlFlow::<()>::Continue(())
        });
        words
    }

    /// Whether a column is meant by the name that the engine gives it.
    fn mean_own_name(&self, table: &str) -> bool {
        self.alone.contains("value") || self.with_table.contains(&(table.to_owned(), "value".to_owned()))
    }
}

fn name_function(
    factor: &mut TableFactor,
    words: &Words,
    is_table: &impl Fn(&str) -> bool,
) -> Result<(), ParserError> {
    match factor {
        TableFactor::UNNEST {
            alias: Some(alias),
            with_offset: false,
            with_ordinality: false,
            array_exprs,
            ..
        } if array_exprs.len() == 1 => {
            name_column(alias);
        }
        TableFactor::Table { name, args: Some(args), alias, .. } => {
            let Some(own) = parts_of(name).pop() else { return Ok(()) };
            if own == "generate_series" && has_parameters(args) {
                // As a table, the engine takes it with constants only. A parameter alone is a number unless its type is said.
                let arg = |arg: &FunctionArg| {
                    let arg = arg.to_string();
                    if is_parameter(&arg) { format!("CAST({arg} AS BIGINT)") } else { arg }
                };
                let args: Vec<String> = args.args.iter().map(arg).collect();
                let mut named = alias.take().unwrap_or_else(|| alias_of(&own));
                name_column(&mut named);
                let query = format!("SELECT 1 FROM (SELECT unnest({own}({}))) {named}", args.join(", "));
                *factor = first_table(&query)?;
            } else if OF_ONE_COLUMN.contains(&own.as_str()) {
                if let Some(alias) = alias
                    && !words.mean_own_name(&alias.name.value.to_lowercase())
                {
                    name_column(alias);
                }
            } else if !is_table(&own) {
                // Any other function is one row.
                let args: Vec<String> = args.args.iter().map(ToString::to_string).collect();
                let columns =
                    alias.as_mut().map(|alias| std::mem::take(&mut alias.columns)).unwrap_or_default();
                let alias = alias.as_ref().map_or_else(|| own.clone(), |alias| alias.name.to_string());
                let query =
                    format!("SELECT 1 FROM (SELECT {own}({}) AS {alias}) AS {alias}", args.join(", "));
                *factor = first_table(&query)?;
                if let TableFactor::Derived { alias: Some(alias), .. } = factor {
                    alias.columns = columns;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether a text is a parameter and nothing else.
fn is_parameter(text: &str) -> bool {
    text.strip_prefix('$').is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
}

/// Whether a parameter is among the arguments, or in one of them.
fn has_parameters(args: &TableFunctionArgs) -> bool {
    let is_one =
        |expr: &Expr| matches!(expr, Expr::Value(value) if matches!(value.value, Value::Placeholder(_)));
    let found = visit_expressions(args, |expr| {
        if is_one(expr) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found.is_break()
}

fn alias_of(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: Ident::new(name), columns: Vec::new(), at: None }
}

fn name_column(alias: &mut TableAlias) {
    if alias.columns.is_empty() {
        alias.columns.push(TableAliasColumnDef::from_name(alias.name.value.clone()));
    }
}

fn first_table(query: &str) -> Result<TableFactor, ParserError> {
    let select = Parser::new(&PostgreSqlDialect {}).try_with_sql(query)?.parse_select()?;
    let first = select.from.into_iter().next();
    first
        .map(|from| from.relation)
        .ok_or_else(|| ParserError::ParserError("a function is no table".to_owned()))
}
