//! Arguments that the engine takes in one way only: those of `make_interval` by their names, patterns with an escape character
//! of their own.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Statement, Value, visit_expressions_mut,
};

use crate::functions::postgres::texts::LIKE_ESCAPE;
use crate::sql::dialect::calls::{call, function_name, literal_text, take};

/// The arguments of `make_interval` in their order.
const PARTS: [&str; 7] = ["years", "months", "weeks", "days", "hours", "mins", "secs"];

/// Puts them in the way that the engine takes.
pub(super) fn put_in_order(statement: &mut Statement) {
    let _ = visit_expressions_mut(statement, |expr| {
        match expr {
            Expr::Function(function) if function_name(function).as_deref() == Some("make_interval") => {
                by_place(function);
            }
            Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. } => {
                if let Some(escape) = escape_char.take() {
                    let escape = Expr::Value(escape);
                    if literal_text(&escape) != Some("\\") {
                        **pattern = call(LIKE_ESCAPE, vec![take(pattern), escape]);
                    }
                }
            }
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
}

/// Gives arguments that have names their places, and the others zero. An unknown name stays, and the engine refuses it.
fn by_place(function: &mut Function) {
    let FunctionArguments::List(list) = &mut function.args else { return };
    let mut parts: Vec<Expr> =
        PARTS.iter().map(|_| Expr::Value(Value::Number("0".to_owned(), false).with_empty_span())).collect();
    for (place, arg) in list.args.iter().enumerate() {
        let (part, value) = match arg {
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } => {
                (PARTS.iter().position(|part| name.value.eq_ignore_ascii_case(part)), value)
            }
            FunctionArg::ExprNamed {
                name: Expr::Identifier(name),
                arg: FunctionArgExpr::Expr(value),
                ..
            } => (PARTS.iter().position(|part| name.value.eq_ignore_ascii_case(part)), value),
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => (Some(place), value),
            _ => return,
        };
        let Some(part) = part.and_then(|part| parts.get_mut(part)) else { return };
        *part = value.clone();
    }
    list.args = parts.into_iter().map(|part| FunctionArg::Unnamed(FunctionArgExpr::Expr(part))).collect();
}
