//! Statements that clients of the PostgreSQL port send by themselves: cursors, transactions, settings, copies.

use crate::support::ServerProcess;
use crate::support::pg_client::PgClient;

const PORT: [&str; 2] = ["--postgres-listen", "127.0.0.1:0"];

/// Numbers from 1 on, in a cursor's query.
const NUMBERS: &str = "select value from generate_series(1, 5) order by value";

fn ask(client: &mut PgClient, statements: &str, expected: &[&str]) {
    assert_eq!(client.ask(statements), expected, "{statements}");
}

#[test]
fn a_cursor_was_no_statement_that_only_reads() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    ask(&mut client, "begin", &["BEGIN"]);
    ask(&mut client, &format!("declare \"C 1\" no scroll cursor for {NUMBERS}"), &["DECLARE CURSOR"]);
    ask(&mut client, "fetch forward 2 from \"C 1\"", &["row 1", "row 2", "FETCH 2"]);
    ask(&mut client, "move 1 in \"C 1\"", &["MOVE 1"]);
    ask(&mut client, "fetch \"C 1\"", &["row 4", "FETCH 1"]);
    ask(&mut client, "fetch all \"C 1\"", &["row 5", "FETCH 1"]);
    ask(&mut client, "fetch all from \"C 1\"", &["FETCH 0"]);
    ask(&mut client, "close \"C 1\"", &["CLOSE CURSOR"]);
    ask(&mut client, "fetch \"C 1\"", &["error 34000 cursor \"C 1\" does not exist"]);
    ask(&mut client, "rollback", &["ROLLBACK"]);
    // In one message, as psqlODBC does it.
    let whole = format!("begin; declare c cursor for {NUMBERS}; fetch 2 in c; close c; commit");
    ask(
        &mut client,
        &whole,
        &["BEGIN", "DECLARE CURSOR", "row 1", "row 2", "FETCH 2", "CLOSE CURSOR", "COMMIT"],
    );
    // Statements of one message are a transaction.
    ask(
        &mut client,
        &format!("declare c cursor for {NUMBERS}; fetch 1 c"),
        &["DECLARE CURSOR", "row 1", "FETCH 1"],
    );
    ask(&mut client, "fetch 1 c", &["error 34000 cursor \"c\" does not exist"]);
    let outside = client.ask(&format!("declare c cursor for {NUMBERS}"));
    assert!(
        outside[0].starts_with("error 25P01 DECLARE CURSOR can only be used in transaction"),
        "{outside:?}"
    );
}

#[test]
fn a_cursor_goes_back_as_far_as_its_rows_are_kept() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    ask(&mut client, &format!("begin; declare c scroll cursor for {NUMBERS}"), &["BEGIN", "DECLARE CURSOR"]);
    for (statement, expected) in [
        ("fetch last c", &["row 5", "FETCH 1"][..]),
        ("fetch prior c", &["row 4", "FETCH 1"]),
        ("fetch backward 2 c", &["row 3", "row 2", "FETCH 2"]),
        ("fetch relative 0 c", &["row 2", "FETCH 1"]),
        ("fetch absolute 4 c", &["row 4", "FETCH 1"]),
        ("fetch absolute -4 c", &["row 2", "FETCH 1"]),
        ("fetch relative 2 c", &["row 4", "FETCH 1"]),
        ("move backward all in c", &["MOVE 3"]),
        ("fetch c", &["row 1", "FETCH 1"]),
        ("fetch first c", &["row 1", "FETCH 1"]),
        ("fetch absolute 9 c", &["FETCH 0"]),
        ("fetch -1 c", &["row 5", "FETCH 1"]),
        ("move forward all in c", &["MOVE 0"]),
    ] {
        ask(&mut client, statement, expected);
    }
    ask(&mut client, "rollback", &["ROLLBACK"]);
    let rows = "select value, repeat('x', 2000) from generate_series(1, 50000)";
    ask(
        &mut client,
        &format!("begin; declare c cursor for {rows}; move 40000 c"),
        &["BEGIN", "DECLARE CURSOR", "MOVE 40000"],
    );
    let lost = client.ask("fetch first c");
    assert!(
        lost[0]
            .starts_with("error 55000 cursor can only scan forward from here: of the rows behind it, 4 MiB")
    );
    ask(&mut client, "rollback", &["ROLLBACK"]);
    ask(
        &mut client,
        &format!("begin; declare c no scroll cursor for {NUMBERS}; move 2 c"),
        &["BEGIN", "DECLARE CURSOR", "MOVE 2"],
    );
    ask(&mut client, "fetch prior c", &["error 55000 cursor can only scan forward"]);
}

#[test]
fn a_cursor_with_hold_outlives_its_transaction_and_no_other_does() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    ask(&mut client, &format!("declare h cursor with hold for {NUMBERS}"), &["DECLARE CURSOR"]);
    ask(&mut client, "fetch 2 in h", &["row 1", "row 2", "FETCH 2"]);
    let both =
        format!("begin; declare i cursor with hold for {NUMBERS}; declare c cursor for {NUMBERS}; commit");
    ask(&mut client, &both, &["BEGIN", "DECLARE CURSOR", "DECLARE CURSOR", "COMMIT"]);
    ask(&mut client, "fetch c", &["error 34000 cursor \"c\" does not exist"]);
    ask(&mut client, "fetch i", &["row 1", "FETCH 1"]);
    let undone = format!("begin; declare j cursor with hold for {NUMBERS}; rollback");
    ask(&mut client, &undone, &["BEGIN", "DECLARE CURSOR", "ROLLBACK"]);
    ask(&mut client, "fetch j", &["error 34000 cursor \"j\" does not exist"]);
    ask(
        &mut client,
        &format!("declare h cursor with hold for {NUMBERS}"),
        &["error 42P03 cursor \"h\" already exists"],
    );
    ask(&mut client, "fetch all h", &["row 3", "row 4", "row 5", "FETCH 3"]);
    ask(&mut client, "close all", &["CLOSE CURSOR ALL"]);
    ask(&mut client, "fetch i", &["error 34000 cursor \"i\" does not exist"]);
}

#[test]
fn rows_that_a_cursor_holds_took_memory_without_end() {
    let args = ["--postgres-listen", "127.0.0.1:0", "--query-timeout", "3s", "--queries", "2"];
    let server = ServerProcess::start(&args);
    let mut client = PgClient::connect(&server);
    let rows = "select value, repeat('x', 1000) from generate_series(1, 1000000)";
    ask(&mut client, &format!("declare h cursor with hold for {rows}"), &["DECLARE CURSOR"]);
    // The cursor has made what it may keep, and has the only place of this port until its time is over.
    let mut other = PgClient::connect(&server);
    crate::support::wait_until("the cursor's place is free", || {
        (other.ask("select 1") == ["row 1", "SELECT 1"]).then_some(())
    });
    let moved = client.ask("move all h");
    assert!(
        moved[0].starts_with("error 57014 the time of the query is over and its rows were not read"),
        "{moved:?}"
    );
    let again = client.ask("fetch h");
    assert!(again[0].starts_with("error 55000 the query has ended with an error before"), "{again:?}");
    for number in 1..64 {
        ask(&mut client, &format!("declare c{number} cursor with hold for select 1"), &["DECLARE CURSOR"]);
    }
    let more = client.ask("declare more cursor with hold for select 1");
    assert!(more[0].starts_with("error 54000 a connection may have 64 cursors and portals open"), "{more:?}");
}

#[test]
fn prepared_statements_took_memory_without_end() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    for number in 0..512 {
        client.parse(&format!("s{number}"), "select 1", &[]);
    }
    assert_eq!(client.sync(), ["ready I"]);
    client.parse("more", "select 1", &[]);
    let more = client.sync();
    assert!(more[0].starts_with("error 54000 a connection may have 512 prepared statements"), "{more:?}");
    ask(&mut client, "deallocate s7", &["DEALLOCATE"]);
    ask(&mut client, "deallocate s7", &["error 26000 prepared statement \"s7\" does not exist"]);
    ask(&mut client, "deallocate prepare all", &["DEALLOCATE ALL"]);
    let long = format!("select '{}'", "x".repeat(200_000));
    for number in 0..5 {
        client.parse(&format!("s{number}"), &long, &[]);
    }
    assert_eq!(client.sync(), ["ready I"]);
    client.parse("more", &long, &[]);
    let more = client.sync();
    assert!(more[0].contains("of 1024 KiB together; DEALLOCATE some"), "{more:?}");
    for number in 0..25 {
        client.parse("", "select $1", &[]);
        client.bind(&format!("p{number}"), "", &[Some(&"x".repeat(300_000))], &[]);
    }
    let more = client.sync();
    assert!(
        more[0].starts_with("error 54000 the parameters of all portals may have 4194304 bytes"),
        "{more:?}"
    );
}

#[test]
fn after_an_error_a_transaction_went_on_or_said_another_code() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    let aborted =
        "error 25P02 current transaction is aborted, commands ignored until end of transaction block";
    assert_eq!(client.say("begin").last().unwrap(), "ready T");
    assert!(client.ask("select 1 / 0")[0].starts_with("error 22012"));
    for statement in ["select 1", "savepoint a", "show timezone", "set jit = on", "begin", "selec"] {
        let answer = client.say(statement);
        let expected = if statement == "selec" { "error 42601" } else { aborted };
        assert!(answer[0].starts_with(expected), "{statement}: {answer:?}");
        assert_eq!(answer[1], "ready E");
    }
    assert_eq!(client.prepared("select 1", &[], &[], 0), [aborted, "ready E"]);
    assert_eq!(client.say("commit"), ["ROLLBACK", "ready I"]);
    assert_eq!(client.say("select 1")[1..], ["row 1", "SELECT 1", "ready I"]);
    let one = client.say("begin; select 1 / 0; select 2");
    assert!(one.contains(&"ready E".to_owned()) && !one.contains(&"row 2".to_owned()), "{one:?}");
    assert_eq!(client.prepared("rollback", &[], &[], 0), ["no columns", "ROLLBACK", "ready I"]);
    let warned = client.say("rollback");
    assert_eq!(warned, ["notice 25P01 there is no transaction in progress", "ROLLBACK", "ready I"]);
    let chained = client.say("begin; commit and chain");
    assert_eq!(chained, ["BEGIN", "COMMIT", "ready T"]);
    assert_eq!(client.say("begin")[0], "notice 25001 there is already a transaction in progress");
}

#[test]
fn savepoints_were_refused() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    let outside = client.ask("savepoint a");
    assert_eq!(outside, ["error 25P01 SAVEPOINT can only be used in transaction blocks"]);
    ask(
        &mut client,
        "begin; set jit = on; savepoint a; set jit = off",
        &["BEGIN", "SET", "SAVEPOINT", "SET"],
    );
    ask(&mut client, &format!("declare c cursor for {NUMBERS}"), &["DECLARE CURSOR"]);
    assert!(client.say("select nothing").ends_with(&["ready E".to_owned()]));
    assert_eq!(client.say("rollback to savepoint a"), ["ROLLBACK", "ready T"]);
    ask(&mut client, "show jit", &["row on", "SHOW"]);
    ask(&mut client, "release a", &["RELEASE"]);
    ask(&mut client, "rollback to a", &["error 3B001 savepoint \"a\" does not exist"]);
    ask(&mut client, "rollback", &["ROLLBACK"]);
    ask(&mut client, "show jit", &["row off", "SHOW"]);
    ask(&mut client, "begin", &["BEGIN"]);
    for _ in 0..1_000 {
        ask(&mut client, "savepoint a", &["SAVEPOINT"]);
    }
    assert_eq!(client.ask("savepoint a"), ["error 54000 a transaction may have 1000 savepoints"]);
}

#[test]
fn settings_were_answered_and_forgotten() {
    let server = ServerProcess::start(&PORT);
    let parameters = [("options", "-c statement_timeout=7s"), ("application_name", "tests")];
    let mut client = PgClient::with_parameters(&server, &parameters).unwrap();
    assert!(client.told.contains(&("application_name".to_owned(), "tests".to_owned())), "{:?}", client.told);
    assert!(client.told.contains(&("server_version".to_owned(), "16.6".to_owned())));
    ask(&mut client, "show statement_timeout", &["row 7s", "SHOW"]);
    ask(&mut client, "select set_config('app.user', 'ada', false)", &["row ada", "SELECT 1"]);
    ask(&mut client, "select current_setting('app.user')", &["row ada", "SELECT 1"]);
    ask(&mut client, "show app.user", &["row ada", "SHOW"]);
    ask(&mut client, "select current_setting('nothing', true)", &["row null", "SELECT 1"]);
    let unknown = "error 42704 unrecognized configuration parameter \"nothing\"";
    for statement in ["select current_setting('nothing')", "show nothing", "set nothing = 1", "reset nothing"]
    {
        ask(&mut client, statement, &[unknown]);
    }
    ask(
        &mut client,
        "set statement_timeout = 'soon'",
        &["error 22023 invalid value for parameter \"statement_timeout\": \"soon\""],
    );
    ask(
        &mut client,
        "set server_version = '9'",
        &["error 55P02 parameter \"server_version\" cannot be changed"],
    );
    ask(
        &mut client,
        "set datestyle = 'German'",
        &["error 0A000 dates are written in the style ISO here, not \"German\""],
    );
    ask(&mut client, "set local statement_timeout = 1; show statement_timeout", &["SET", "row 1ms", "SHOW"]);
    ask(&mut client, "show statement_timeout", &["row 7s", "SHOW"]);
    ask(
        &mut client,
        "begin; set statement_timeout = 0; rollback; show statement_timeout",
        &["BEGIN", "SET", "ROLLBACK", "row 7s", "SHOW"],
    );
    ask(
        &mut client,
        "set timezone = 'asia/tokyo'; reset all; show timezone",
        &["SET", "RESET", "row UTC", "SHOW"],
    );
    client.told.clear();
    ask(&mut client, "set time zone 'Asia/Tokyo'", &["SET"]);
    assert_eq!(client.told, [("TimeZone".to_owned(), "Asia/Tokyo".to_owned())]);
    ask(
        &mut client,
        "select timestamptz '2026-01-01T00:00:00Z'",
        &["row 2026-01-01 09:00:00+09", "SELECT 1"],
    );
    ask(&mut client, "discard all", &["DISCARD ALL"]);
    ask(&mut client, "show time zone", &["row UTC", "SHOW"]);
    ask(
        &mut client,
        "begin; discard all",
        &["BEGIN", "error 25001 DISCARD ALL cannot run inside a transaction block"],
    );
    assert!(client.ask("rollback; show all").len() > 50);
    // What drivers send to clean a connection.
    let clean = "select pg_advisory_unlock_all(); close all; unlisten *; reset all; discard temp";
    ask(&mut client, clean, &["row ", "SELECT 1", "CLOSE CURSOR ALL", "UNLISTEN", "RESET", "DISCARD TEMP"]);
    assert!(client.ask("select version()")[0].starts_with("row PostgreSQL 16.6 (Playhead "));
    let refused = PgClient::with_parameters(&server, &[("client_encoding", "LATIN1")]).err().unwrap();
    assert!(refused.starts_with("error 0A000 texts are sent in the encoding UTF8 here"), "{refused}");
}

#[test]
fn statement_timeout_did_not_hold_for_a_query_in_the_same_message() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0", "--query-timeout", "50s"]);
    let mut client = PgClient::connect(&server);
    let endless = "select count(*) from generate_series(1, 300000) a, generate_series(1, 300000) b \
                   where a.value % 7 = b.value % 11";
    ask(
        &mut client,
        &format!("set statement_timeout = 300; {endless}"),
        &["SET", "error 57014 canceling statement due to statement timeout"],
    );
    ask(
        &mut client,
        "begin; set jit = on; commit; select 1 / 0",
        &["BEGIN", "SET", "COMMIT", "error 22012 Arrow error: Divide by zero error"],
    );
    ask(&mut client, "show jit", &["row on", "SHOW"]);
    // The message was a transaction, which has failed.
    ask(&mut client, "show statement_timeout", &["row 0", "SHOW"]);
    ask(
        &mut client,
        &format!("begin; set local statement_timeout = 300; declare c cursor for {endless}; fetch c"),
        &["BEGIN", "SET", "DECLARE CURSOR", "error 57014 canceling statement due to statement timeout"],
    );
}

#[test]
fn rows_of_a_message_were_lost_if_a_later_statement_of_it_failed() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    let answer = client.ask("select 1; select 2; select nothing; select 3");
    assert_eq!(answer[..4], ["row 1", "SELECT 1", "row 2", "SELECT 1"]);
    assert!(answer[4].starts_with("error 42703") && answer.len() == 5, "{answer:?}");
    // A mistake in the form of any of them is found before the first one runs.
    let answer = client.ask("select 1; selec 2");
    assert!(answer[0].starts_with("error 42601") && answer.len() == 1, "{answer:?}");
    assert_eq!(client.ask(" ; ;-- nothing\n"), ["empty"]);
}

#[test]
fn copy_to_stdout_was_refused() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    let rows = "select * from (values (1, 'a;b', null), (2, '', 'say \"x\"')) as t (n, \"T\", m) order by 1";
    let text = client.ask(&format!("copy ({rows}) to stdout"));
    assert_eq!(text, ["copy 0", "data 1\ta;b\t\\N\n", "data 2\t\tsay \"x\"\n", "copied", "COPY 2"]);
    let csv = client.ask(&format!("copy ({rows}) to stdout with (format csv, header, delimiter ';')"));
    assert_eq!(
        csv,
        [
            "copy 0",
            "data n;T;m\n",
            "data 1;\"a;b\";\n",
            "data 2;\"\";\"say \"\"x\"\"\"\n",
            "copied",
            "COPY 2"
        ]
    );
    let binary = client.ask("copy (select cast(7 as int), cast(null as text)) to stdout (format binary)");
    let signature = "5047434f50590aff0d0a000000000000000000";
    let tuple = "00020000000400000007ffffffff";
    assert_eq!(
        binary,
        [
            "copy 1".to_owned(),
            format!("data {signature}{tuple}"),
            "data ffff".to_owned(),
            "copied".to_owned(),
            "COPY 1".to_owned()
        ]
    );
    let empty = client.ask("copy (select 1 where false) to stdout binary");
    assert_eq!(
        empty,
        ["copy 1".to_owned(), format!("data {signature}ffff"), "copied".to_owned(), "COPY 0".to_owned()]
    );
    ask(
        &mut client,
        "copy sessions (session_id, custom_metadata) to stdout csv header",
        &["copy 0", "data session_id,custom_metadata\n", "copied", "COPY 0"],
    );
    for (statement, error) in [
        ("copy sessions from stdin", "error 25006 only statements that read are possible here"),
        ("copy sessions to '/tmp/x'", "error 0A000 COPY writes to STDOUT here"),
        ("copy nothing to stdout", "error 42P01"),
        ("copy (select 1) to stdout (format xml)", "error 22023 COPY format \"xml\" not recognized"),
        ("copy (select 1) to stdout (quote 'x')", "error 0A000 COPY QUOTE requires CSV mode"),
    ] {
        let answer = client.ask(statement);
        assert!(answer[0].starts_with(error), "{statement}: {answer:?}");
    }
    let broken = client.ask("copy (select 1 / (value - 3) from generate_series(1, 5)) to stdout");
    assert!(broken.iter().any(|line| line.starts_with("error 22012")), "{broken:?}");
    ask(&mut client, "select 1", &["row 1", "SELECT 1"]);
    assert_eq!(
        client.prepared("copy (select 1) to stdout", &[], &[], 0),
        ["no columns", "copy 0", "data 1\n", "copied", "COPY 1", "ready I"]
    );
}

#[test]
fn more_clients_than_allowed_were_turned_away_without_the_code_for_it() {
    let server = ServerProcess::start(&PORT);
    let open: Vec<PgClient> = (0..64).map(|_| PgClient::connect(&server)).collect();
    let refused = PgClient::with_parameters(&server, &[]).err().unwrap();
    assert_eq!(refused, "error 53300 too many connections are open");
    drop(open);
}
