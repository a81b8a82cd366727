//! Takes messages apart into statements. What concerns the connection is read here from its tokens; what reads is left to
//! the parser of the query engine.

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::Token;
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use playhead_report::sql::dialect;

use crate::postgres::refusal::{NOT_SUPPORTED, READ_ONLY, SYNTAX, plain, refusal};
use crate::postgres::statements::copy_options::copy_form;
use crate::postgres::statements::set_values::{set, setting_name, transaction_modes};
use crate::postgres::statements::split::{Written, split};
use crate::postgres::statements::statement::{
    BeginWord, Copy, Declare, Direction, Discarded, Fetch, Shown, Statement,
};
use crate::postgres::statements::words::Words;

/// The statements of a message; none if it is empty.
///
/// # Errors
///
/// The first mistake in it, for which nothing of it may run.
pub(in crate::postgres) fn parse(message: &str) -> PgWireResult<Vec<Statement>> {
    let written = split(message).map_err(|error| refusal(SYNTAX, error.to_string()))?;
    written.iter().map(statement).collect()
}

fn statement(written: &Written<'_>) -> PgWireResult<Statement> {
    let mut words = Words::new(written);
    // `TABLE name` is short for a query that the engine's parser knows in its long form alone.
    if words.is("table") {
        let long = format!("select * from {}", written.text_from(1));
        return query(&long).map(|query| Statement::Query(Box::new(query)));
    }
    if words.is("prepare") || words.is("execute") {
        let message =
            "PREPARE and EXECUTE are messages of the protocol here, not statements in SQL".to_owned();
        return Err(refusal(NOT_SUPPORTED, message));
    }
    let own = match Own::take(&mut words) {
        Some(Own::Declare) => return declare(&mut words),
        Some(Own::Copy) => return copy(written, &mut words),
        Some(own) => own,
        None => return query(written.text).map(|query| Statement::Query(Box::new(query))),
    };
    let found = match own {
        Own::Begin => begin(&mut words),
        Own::Commit => chain(&mut words).map(|chains| Statement::Commit { chains }),
        Own::Rollback => rollback(&mut words),
        Own::Savepoint => words.name().map(Statement::Savepoint),
        Own::Release => {
            words.take("savepoint");
            words.name().map(Statement::Release)
        }
        Own::Fetch => fetch(&mut words, false),
        Own::Move => fetch(&mut words, true),
        Own::Close => {
            let all = words.take("all");
            if all {
                Some(Statement::Close(None))
            } else {
                words.name().map(|name| Statement::Close(Some(name)))
            }
        }
        Own::Discard => discard(&mut words),
        Own::Set => set(&mut words),
        Own::Reset => reset(&mut words),
        Own::Show => show(&mut words),
        Own::Deallocate => {
            words.take("prepare");
            let all = words.take("all");
            if all {
                Some(Statement::Deallocate(None))
            } else {
                words.name().map(|name| Statement::Deallocate(Some(name)))
            }
        }
        Own::Unlisten => {
            let is_named = words.take_token(&Token::Mul) || words.name().is_some();
            is_named.then_some(Statement::Nothing("UNLISTEN"))
        }
        Own::Declare | Own::Copy => None,
    };
    match found {
        Some(statement) if words.is_at_end() => Ok(statement),
        _ => Err(near(&words)),
    }
}

/// The statements that are not for the query engine, by their first word.
enum Own {
    Begin,
    Commit,
    Rollback,
    Savepoint,
    Release,
    Declare,
    Fetch,
    Move,
    Close,
    Discard,
    Set,
    Reset,
    Show,
    Deallocate,
    Unlisten,
    Copy,
}

impl Own {
    fn take(words: &mut Words<'_>) -> Option<Self> {
        // The engine shows what there is by these words.
        for engine in ["tables", "columns", "functions", "databases", "schemas"] {
            if words.clone().take_all(&["show", engine]) {
                return None;
            }
        }
        // The words of a transaction's begin are read with what follows them.
        if words.is("begin") || words.is("start") {
            return Some(Self::Begin);
        }
        let first = words.take_one(&[
            "commit",
            "end",
            "rollback",
            "abort",
            "savepoint",
            "release",
            "declare",
            "fetch",
            "move",
            "close",
            "discard",
            "set",
            "reset",
            "show",
            "deallocate",
            "unlisten",
            "copy",
        ])?;
        Some(match first {
            "commit" | "end" => Self::Commit,
            "rollback" | "abort" => Self::Rollback,
            "savepoint" => Self::Savepoint,
            "release" => Self::Release,
            "declare" => Self::Declare,
            "fetch" => Self::Fetch,
            "move" => Self::Move,
            "close" => Self::Close,
            "discard" => Self::Discard,
            "set" => Self::Set,
            "reset" => Self::Reset,
            "show" => Self::Show,
            "deallocate" => Self::Deallocate,
            "unlisten" => Self::Unlisten,
            _ => Self::Copy,
        })
    }
}

/// A syntax error where these words are.
fn near(words: &Words<'_>) -> PgWireError {
    let message = words.peek().map_or_else(
        || "syntax error at end of input".to_owned(),
        |token| format!("syntax error at or near \"{token}\""),
    );
    refusal(SYNTAX, message)
}

/// A statement for the query engine.
fn query(text: &str) -> PgWireResult<ast::Statement> {
    let mut statements = dialect::parse(text).map_err(|error| match error {
        ParserError::RecursionLimitExceeded => {
            plain(PgWireError::ApiError(Box::new(DataFusionError::SQL(Box::new(error), None))))
        }
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => {
            refusal(SYNTAX, format!("syntax error: {message}"))
        }
    })?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        _ => Err(refusal(SYNTAX, "syntax error: one statement is expected".to_owned())),
    }
}

fn begin(words: &mut Words<'_>) -> Option<Statement> {
    let word = if words.take("begin") {
        words.take_one(&["transaction", "work"]);
        BeginWord::Begin
    } else {
        words.take_all(&["start", "transaction"]).then_some(BeginWord::Start)?
    };
    transaction_modes(words).then_some(Statement::Begin(word))
}

/// Whether a transaction follows the one that ends.
fn chain(words: &mut Words<'_>) -> Option<bool> {
    words.take_one(&["transaction", "work"]);
    if !words.take("and") {
        return Some(false);
    }
    let chains = !words.take("no");
    words.take("chain").then_some(chains)
}

fn rollback(words: &mut Words<'_>) -> Option<Statement> {
    let before = words.clone();
    words.take_one(&["transaction", "work"]);
    if words.take("to") {
        words.take("savepoint");
        return words.name().map(Statement::RollbackTo);
    }
    *words = before;
    chain(words).map(|chains| Statement::Rollback { chains })
}

fn discard(words: &mut Words<'_>) -> Option<Statement> {
    Some(Statement::Discard(match words.take_one(&["all", "plans", "sequences", "temp", "temporary"])? {
        "all" => Discarded::All,
        "plans" => Discarded::Plans,
        "sequences" => Discarded::Sequences,
        _ => Discarded::Temp,
    }))
}

fn reset(words: &mut Words<'_>) -> Option<Statement> {
    if words.take("all") {
        return Some(Statement::Reset(None));
    }
    named_setting(words).map(|name| Statement::Reset(Some(name)))
}

fn show(words: &mut Words<'_>) -> Option<Statement> {
    if words.take("all") {
        return Some(Statement::Show(Shown::All));
    }
    named_setting(words).map(|name| Statement::Show(Shown::One(name)))
}

/// A setting, also by the words that some have in place of a name.
fn named_setting(words: &mut Words<'_>) -> Option<String> {
    for (spelled, name) in [
        (&["time", "zone"][..], "timezone"),
        (&["transaction", "isolation", "level"], "transaction_isolation"),
        (&["session", "authorization"], "session_authorization"),
    ] {
        if words.take_all(spelled) {
            return Some(name.to_owned());
        }
    }
    setting_name(words)
}

/// `DECLARE name [BINARY] [ASENSITIVE | INSENSITIVE] [[NO] SCROLL] CURSOR [WITH | WITHOUT HOLD] FOR query`.
fn declare(words: &mut Words<'_>) -> PgWireResult<Statement> {
    let Some(name) = words.name() else { return Err(near(words)) };
    let (mut is_binary, mut scrolls) = (false, None);
    while !words.take("cursor") {
        if words.take("binary") {
            is_binary = true;
        } else if words.take_all(&["no", "scroll"]) {
            scrolls = Some(false);
        } else if words.take("scroll") {
            scrolls = Some(true);
        } else if words.take_one(&["insensitive", "asensitive"]).is_none() {
            return Err(near(words));
        }
    }
    let is_held = words.take_all(&["with", "hold"]);
    words.take_all(&["without", "hold"]);
    if !words.take("for") {
        return Err(near(words));
    }
    let query = Box::new(query(words.rest())?);
    if !matches!(*query, ast::Statement::Query(_)) {
        return Err(refusal(SYNTAX, "a cursor is declared for a query that reads".to_owned()));
    }
    Ok(Statement::Declare(Declare { name, is_binary, scrolls, is_held, query }))
}

/// `FETCH [direction] [FROM | IN] name`, and the same for `MOVE`.
fn fetch(words: &mut Words<'_>, only_moves: bool) -> Option<Statement> {
    // A cursor may have the name of a direction, if nothing follows it.
    let mut alone = words.clone();
    let direction = match (alone.name(), alone.is_at_end()) {
        (Some(_), true) => Direction::Forward(1),
        _ => direction(words)?,
    };
    words.take_one(&["from", "in"]);
    let cursor = words.name()?;
    Some(Statement::Fetch(Fetch { cursor, direction, only_moves }))
}

fn direction(words: &mut Words<'_>) -> Option<Direction> {
    let by = |count: i64| {
        let rows = count.unsigned_abs();
        if count < 0 { Direction::Backward(rows) } else { Direction::Forward(rows) }
    };
    if let Some(count) = words.number() {
        return Some(by(count));
    }
    let taken = words
        .take_one(&["next", "prior", "first", "last", "absolute", "relative", "all", "forward", "backward"]);
    Some(match taken {
        None | Some("next") => Direction::Forward(1),
        Some("prior") => Direction::Backward(1),
        Some("first") => Direction::Absolute(1),
        Some("last") => Direction::Absolute(-1),
        Some("absolute") => Direction::Absolute(words.number()?),
        Some("relative") => Direction::Relative(words.number()?),
        Some("all") => Direction::ForwardAll,
        Some("forward") => match (words.take("all"), words.number()) {
            (true, _) => Direction::ForwardAll,
            (false, count) => by(count.unwrap_or(1)),
        },
        Some(_) => match (words.take("all"), words.number()) {
            (true, _) => Direction::BackwardAll,
            (false, count) => by(count.unwrap_or(1).checked_neg()?),
        },
    })
}

/// `COPY (query) TO STDOUT ...` and `COPY table [(columns)] TO STDOUT ...`.
fn copy(written: &Written<'_>, words: &mut Words<'_>) -> PgWireResult<Statement> {
    let is_old_binary = words.clone().take("binary") && !words.clone().take_all(&["binary", "to"]);
    if is_old_binary {
        words.take("binary");
    }
    let text = if words.take_token(&Token::LParen) {
        let begin = words.place();
        let Some(end) = words.skip_to_closing_bracket() else { return Err(near(words)) };
        written.text_between(begin, end).to_owned()
    } else {
        copied_table(written, words).ok_or_else(|| near(words))?
    };
    if words.take("from") {
        return Err(refusal(READ_ONLY, "only statements that read are possible here".to_owned()));
    }
    if !words.take("to") {
        return Err(near(words));
    }
    if !words.take("stdout") {
        let message = "COPY writes to STDOUT here, not to files or programs of the server".to_owned();
        return Err(refusal(NOT_SUPPORTED, message));
    }
    let form = copy_form(words, is_old_binary)?.ok_or_else(|| near(words))?;
    let query = query(&text)?;
    if !matches!(query, ast::Statement::Query(_)) {
        return Err(refusal(SYNTAX, "COPY takes a query that reads".to_owned()));
    }
    Ok(Statement::Copy(Box::new(Copy { query, form })))
}

/// The query that a table to copy stands for.
fn copied_table(written: &Written<'_>, words: &mut Words<'_>) -> Option<String> {
    let begin = words.place();
    words.name()?;
    while words.take_token(&Token::Period) {
        words.name()?;
    }
    let table = written.text_between(begin, words.place());
    let mut columns = "*";
    if words.take_token(&Token::LParen) {
        let begin = words.place();
        let end = words.skip_to_closing_bracket()?;
        columns = written.text_between(begin, end);
    }
    Some(format!("select {columns} from {table}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::statements::statement::Set;

    fn parsed(message: &str) -> Vec<Statement> {
        parse(message).unwrap_or_else(|error| panic!("{message}: {error}"))
    }

    fn refused(message: &str) -> String {
        match parse(message) {
            Ok(statements) => panic!("{message}: {statements:?}"),
            Err(PgWireError::UserError(error)) => error.code,
            Err(error) => panic!("{message}: {error}"),
        }
    }

    #[test]
    fn fetch_had_a_direction_and_a_from_in_any_case() {
        for (statement, cursor, direction) in [
            ("fetch c", "c", Direction::Forward(1)),
            ("fetch next", "next", Direction::Forward(1)),
            ("fetch from C", "c", Direction::Forward(1)),
            ("fetch in \"SQL_CUR0x5\"", "SQL_CUR0x5", Direction::Forward(1)),
            ("fetch 100 in c", "c", Direction::Forward(100)),
            ("fetch -2 c", "c", Direction::Backward(2)),
            ("fetch forward from c", "c", Direction::Forward(1)),
            ("fetch forward 7 from c", "c", Direction::Forward(7)),
            ("fetch forward -7 from c", "c", Direction::Backward(7)),
            ("fetch backward c", "c", Direction::Backward(1)),
            ("fetch backward all in c", "c", Direction::BackwardAll),
            ("fetch all c", "c", Direction::ForwardAll),
            ("fetch last from c", "c", Direction::Absolute(-1)),
            ("fetch absolute -3 from c", "c", Direction::Absolute(-3)),
            ("fetch relative 0 from c", "c", Direction::Relative(0)),
        ] {
            let Some(Statement::Fetch(fetch)) = parsed(statement).pop() else { panic!("{statement}") };
            assert_eq!((fetch.cursor.as_str(), fetch.direction), (cursor, direction), "{statement}");
            assert!(!fetch.only_moves);
        }
        assert!(matches!(&parsed("move all c")[..], [Statement::Fetch(fetch)] if fetch.only_moves));
        for wrong in ["fetch", "fetch 1 from", "fetch absolute from c", "fetch 1 from c d"] {
            assert_eq!(refused(wrong), SYNTAX, "{wrong}");
        }
    }

    #[test]
    fn settings_are_read_with_their_values() {
        for (statement, name, value, is_local) in [
            ("set statement_timeout = 1000", "statement_timeout", Some("1000"), false),
            ("SET Statement_Timeout to '3s'", "statement_timeout", Some("3s"), false),
            ("set local a.b to on", "a.b", Some("on"), true),
            ("set session x = -1", "x", Some("-1"), false),
            ("set datestyle to iso, mdy", "datestyle", Some("iso, mdy"), false),
            ("set search_path = \"$user\", public", "search_path", Some("\"$user\", public"), false),
            ("set extra_float_digits to default", "extra_float_digits", None, false),
            ("set time zone 'Asia/Tokyo'", "timezone", Some("Asia/Tokyo"), false),
            ("set time zone UTC", "timezone", Some("UTC"), false),
            ("set local time zone -5", "timezone", Some("-5"), true),
            ("set timezone = local", "timezone", None, false),
            ("set names 'UTF8'", "client_encoding", Some("UTF8"), false),
            ("set role none", "role", Some("none"), false),
            ("set session authorization default", "session_authorization", None, false),
        ] {
            let Some(Statement::Set(set)) = parsed(statement).pop() else { panic!("{statement}") };
            let expected = Set { name: name.to_owned(), value: value.map(str::to_owned), is_local };
            assert_eq!(set, expected, "{statement}");
        }
        assert!(matches!(
            &parsed("set session characteristics as transaction read only, isolation level serializable")[..],
            [Statement::Nothing("SET")]
        ));
        for wrong in ["set", "set x", "set x =", "set x = 1 2", "set transaction sideways"] {
            assert_eq!(refused(wrong), SYNTAX, "{wrong}");
        }
    }

    #[test]
    fn statements_of_the_connection_are_told_from_queries() {
        let message = "begin isolation level repeatable read; start transaction read only; savepoint a; \
                       rollback work to savepoint a; release a; end and chain; rollback and no chain; abort; \
                       discard all; reset all; show time zone; deallocate prepare all; unlisten *; close all; \
                       show tables; select 1";
        let statements = parsed(message);
        let queries = statements.iter().filter(|statement| matches!(statement, Statement::Query(_))).count();
        assert_eq!((statements.len(), queries), (16, 2));
        assert!(matches!(statements[3], Statement::RollbackTo(_)));
        assert!(matches!(statements[5], Statement::Commit { chains: true }));
        assert!(matches!(statements[6], Statement::Rollback { chains: false }));
        assert!(matches!(&parsed("declare \"c\" binary no scroll cursor with hold for select ';' as x")[..],
            [Statement::Declare(declare)] if declare.is_binary && declare.is_held && declare.scrolls == Some(false)));
        for wrong in
            ["begin sideways", "declare c for select 1", "declare c cursor for drop table x", "end it"]
        {
            assert_eq!(refused(wrong), SYNTAX, "{wrong}");
        }
    }

    #[test]
    fn a_table_is_copied_as_the_query_that_it_stands_for() {
        let text = |statement: &str| match &parsed(statement)[..] {
            [Statement::Copy(copy)] => copy.query.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(text("copy public.sessions to stdout"), "SELECT * FROM public.sessions");
        assert_eq!(
            text("copy \"Ads\" (a, \"b)\") to stdout with csv header"),
            "SELECT a, \"b)\" FROM \"Ads\""
        );
        assert_eq!(text("copy (select (1)) to stdout (format binary)"), "SELECT (1)");
        assert_eq!(refused("copy sessions from stdin"), READ_ONLY);
        assert_eq!(refused("copy sessions to '/tmp/x'"), NOT_SUPPORTED);
        assert_eq!(refused("copy (drop table x) to stdout"), SYNTAX);
    }
}
