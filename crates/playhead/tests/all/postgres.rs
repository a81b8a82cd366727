//! The PostgreSQL port with psql, and with a client that sends messages that psql does not.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::support::replayed::{documented, maintain, server_with_timelines};
use crate::support::{Ended, ServerProcess, run};

/// The port that the banner names.
fn port(server: &ServerProcess) -> u16 {
    let (_, behind) = server.banner().split_once("host=127.0.0.1 port=").unwrap();
    behind.split(' ').next().unwrap().parse().unwrap()
}

fn psql(server: &ServerProcess, password: &str, statement: &str) -> Ended {
    let port = port(server).to_string();
    let mut command = Command::new("psql");
    command.env("PGPASSWORD", password).env("PGCONNECT_TIMEOUT", "30").env("PSQLRC", "/dev/null");
    command.args(["--no-psqlrc", "--no-password", "-At", "-F", ",", "-v", "ON_ERROR_STOP=1"]);
    command.args(["-h", "127.0.0.1", "-p", &port, "-U", "anybody", "-d", "playhead", "-c", statement]);
    run(&mut command)
}

/// Runs a script, commands of psql itself included.
fn psql_script(server: &ServerProcess, script: &str) -> Ended {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("script.sql");
    std::fs::write(&path, format!("{script};\n")).unwrap();
    let mut command = Command::new("psql");
    command.env("PGPASSWORD", server.token()).env("PGCONNECT_TIMEOUT", "30").arg("--no-psqlrc");
    command.args([
        "-h",
        "127.0.0.1",
        "-p",
        &port(server).to_string(),
        "-U",
        "anybody",
        "-d",
        "playhead",
        "-f",
    ]);
    run(command.arg(path))
}

#[test]
fn psql_reads_the_documented_numbers_before_and_after_they_moved() {
    let server = server_with_timelines(&["--postgres-listen", "127.0.0.1:0"]);
    let ask = |statement: &str| psql(&server, server.token(), statement).fine();
    let sums = "select count(*), sum(content_time_spent), sum(ad_count) from sessions";
    let floats =
        |line: &str| -> Vec<f64> { line.trim().split(',').map(|cell| cell.parse().unwrap()).collect() };
    let expected = vec![3.0, documented("content_time_spent"), documented("ad_count")];
    assert_eq!(floats(&ask(sums)), expected);
    maintain(&server);
    assert_eq!(floats(&ask(sums)), expected);
    assert_eq!(ask("select ad_id, \"end\" from ads where ad_id = '001' limit 1"), "001,completed\n");
    let tables = "select table_name from information_schema.tables where table_schema = 'public' order by 1";
    assert_eq!(ask(tables), "ads\nchapters\nerrors\nevents\nexclusions\nsessions\n");
    assert_eq!(ask("begin; select 1; commit"), "BEGIN\n1\nCOMMIT\n");
}

#[test]
fn psql_is_refused_with_a_message_and_changes_nothing() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    let refused = |password: &str, statement: &str, said: &str| {
        let ended = psql(&server, password, statement);
        assert_ne!(ended.code, Some(0), "{statement}: {}", ended.out);
        assert!(ended.err.contains(said), "{statement}: {}", ended.err);
        assert!(!ended.err.contains("backtrace"), "{statement}: {}", ended.err);
    };
    refused("wrong", "select 1", "authentication failed");
    for statement in
        ["create table x (a int)", "drop table sessions", "insert into sessions (session_id) values ('x')"]
    {
        refused(server.token(), statement, "only statements that read are possible here");
    }
    refused(server.token(), "select nothing from sessions", "nothing");
    refused(server.token(), &format!("select 1{}", "+1".repeat(40_000)), "more than 200 operators");
    assert_eq!(psql(&server, server.token(), "select 1").fine(), "1\n");
}

#[test]
fn passwords_of_the_postgresql_port_could_be_guessed_without_a_limit() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    for _ in 0..20 {
        assert!(psql(&server, "wrong", "select 1").err.contains("authentication failed"));
    }
    let ended = psql(&server, "wrong", "select 1");
    assert!(
        ended.err.contains("too many wrong tokens from this address (at most 20 a minute)"),
        "{}",
        ended.err
    );
    assert_eq!(psql(&server, server.token(), "select 1").fine(), "1\n", "the right one passes");
}

#[test]
fn mistakes_in_sql_had_the_code_of_an_internal_error() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    for (statement, code) in [
        ("selec 1", "42601"),
        ("select nothing from sessions", "42703"),
        ("select * from nothing", "42P01"),
        ("select nofunction(1)", "42883"),
        ("select 1 / 0", "22012"),
        ("select cast('x' as int)", "22P02"),
        ("select regexp_like('a', '(')", "2201B"),
        ("select array_resize(make_array(1), -1)", "22000"),
    ] {
        let verbose = format!("\\set VERBOSITY verbose\n{statement}");
        let ended = psql_script(&server, &verbose);
        assert!(ended.err.contains(&format!("ERROR:  {code}:")), "{statement}: {}", ended.err);
    }
}

/// A message of the protocol: its type and its content.
fn message(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [kind, &length, body].concat()
}

#[test]
fn a_prepared_statement_that_nests_too_deep_ends_no_server() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    let mut stream = TcpStream::connect(("127.0.0.1", port(&server))).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let start = [&196_608_u32.to_be_bytes()[..], b"user\0anybody\0database\0playhead\0\0"].concat();
    stream.write_all(&message(b"", &start)).unwrap();
    stream.write_all(&message(b"p", &[server.token().as_bytes(), b"\0"].concat())).unwrap();
    let query = format!("\0select 1{}\0\0\0", "+1".repeat(100_000));
    stream.write_all(&message(b"P", query.as_bytes())).unwrap();
    stream.write_all(&message(b"S", b"")).unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 4_096];
    while !String::from_utf8_lossy(&answer).contains("more than 200 operators") {
        let length = stream.read(&mut piece).unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..length]);
    }
    assert_eq!(server.get("/livez").0, 200);
}

/// The first message of a client.
fn startup() -> Vec<u8> {
    let body = b"user\0anybody\0database\0playhead\0\0";
    let length = u32::try_from(body.len() + 8).unwrap();
    [&length.to_be_bytes()[..], &196_608_u32.to_be_bytes(), body].concat()
}

fn connect(server: &ServerProcess) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port(server))).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// A connection that has logged in.
fn logged_in(server: &ServerProcess) -> TcpStream {
    let mut stream = connect(server);
    stream.write_all(&startup()).unwrap();
    stream.write_all(&message(b"p", format!("{}\0", server.token()).as_bytes())).unwrap();
    let mut last = [0; 6];
    // The greeting ends with: ready for a query, in no transaction.
    while last != *b"Z\0\0\0\x05I" {
        last.rotate_left(1);
        stream.read_exact(&mut last[5..]).unwrap();
    }
    stream
}

/// What comes until the connection ends.
fn last_words(mut stream: TcpStream) -> String {
    let mut words = Vec::new();
    // It may be reset because not all was read.
    let _ended = stream.read_to_end(&mut words);
    String::from_utf8_lossy(&words).into_owned()
}

#[test]
fn messages_of_any_length_were_kept_in_memory() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    let announced = |kind: &[u8], bytes: u32| [kind, &bytes.to_be_bytes()].concat();
    let mut stream = logged_in(&server);
    stream.write_all(&announced(b"Q", 900_000_000)).unwrap();
    let words = last_words(stream);
    assert!(words.contains("08P01") && words.contains("may have 327680 bytes here"), "{words}");
    let mut stream = connect(&server);
    stream.write_all(&startup()).unwrap();
    stream.write_all(&announced(b"p", 900_000_000)).unwrap();
    let words = last_words(stream);
    assert!(words.contains("may have 8192 bytes here"), "{words}");
    let mut stream = connect(&server);
    stream.write_all(&900_000_000_u32.to_be_bytes()).unwrap();
    assert!(last_words(stream).contains("08P01"));
    assert_eq!(psql(&server, server.token(), "select 1").fine(), "1\n");
}

#[test]
fn malformed_messages_made_the_library_panic() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    let mut seed = 7_u32;
    let mut noise = |length: usize| -> Vec<u8> {
        let mut byte = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        (0..length).map(|_| byte()).collect()
    };
    for round in 0..60_usize {
        let mut stream = connect(&server);
        let _may_be_closed = match round % 3 {
            0 => stream.write_all(&noise(round)),
            1 => stream.write_all(&[&startup()[..], &message(b"p", &noise(round))].concat()),
            _ => {
                let body = [&196_608_u32.to_be_bytes()[..], &noise(round)].concat();
                let length = u32::try_from(body.len() + 4).unwrap();
                stream.write_all(&[&length.to_be_bytes()[..], &body].concat())
            }
        };
        let _may_be_closed = stream.shutdown(std::net::Shutdown::Write);
        drop(last_words(stream));
    }
    for kind in [b"P", b"B", b"D", b"C", b"E", b"F", b"d", b"Q"] {
        for length in 0..12 {
            let mut stream = logged_in(&server);
            stream.write_all(&message(kind, &noise(length))).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            drop(last_words(stream));
        }
    }
    assert_eq!(psql(&server, server.token(), "select 1").fine(), "1\n");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn silent_connections_shut_the_port() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    let silent: Vec<TcpStream> = (0..200).map(|_| connect(&server)).collect();
    assert_eq!(psql(&server, server.token(), "select 1").fine(), "1\n");
    let open: Vec<TcpStream> = (0..64).map(|_| logged_in(&server)).collect();
    let refused = psql(&server, server.token(), "select 1");
    assert!(refused.err.contains("too many connections are open"), "{}", refused.err);
    drop(open);
    drop(silent);
    crate::support::wait_until("places are free", || {
        (psql(&server, server.token(), "select 1").code == Some(0)).then_some(())
    });
}

/// A query that works for longer than any test.
const ENDLESS: &str = "select count(*) from generate_series(1, 300000) a, generate_series(1, 300000) b \
                       where a.value % 7 = b.value % 11";

/// A connection that has logged in, with what a cancel request for it says.
fn logged_in_with_key(server: &ServerProcess) -> (TcpStream, Vec<u8>) {
    let mut stream = connect(server);
    stream.write_all(&startup()).unwrap();
    stream.write_all(&message(b"p", format!("{}\0", server.token()).as_bytes())).unwrap();
    let mut key = Vec::new();
    loop {
        let (kind, body) = next_message(&mut stream);
        match kind {
            b'K' => key = body,
            b'Z' => return (stream, key),
            _ => {}
        }
    }
}

fn next_message(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    let mut body = vec![0; usize::try_from(length).unwrap() - 4];
    stream.read_exact(&mut body).unwrap();
    (head[0], body)
}

/// The error that comes next, and then the connection is ready again.
fn next_error(stream: &mut TcpStream) -> String {
    let mut error = String::new();
    loop {
        match next_message(stream) {
            (b'E', body) => error = String::from_utf8_lossy(&body).into_owned(),
            (b'Z', _) => return error,
            _ => {}
        }
    }
}

#[test]
fn cancel_requests_did_nothing() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0", "--query-timeout", "50s"]);
    let (mut stream, key) = logged_in_with_key(&server);
    assert_ne!(key[..4], [0; 4], "a number of its own");
    stream.write_all(&message(b"Q", format!("{ENDLESS}\0").as_bytes())).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let request = |key: &[u8]| message(b"", &[&80_877_102_u32.to_be_bytes()[..], key].concat());
    let send = |request: &[u8]| {
        let mut other = connect(&server);
        other.write_all(request).unwrap();
        assert_eq!(last_words(other), "", "a cancel request has no answer");
    };
    let mut wrong = key.clone();
    *wrong.last_mut().unwrap() ^= 1;
    send(&request(&wrong));
    send(&request(&key));
    let error = next_error(&mut stream);
    assert!(error.contains("57014") && error.contains("due to user request"), "{error}");
    stream.write_all(&message(b"Q", b"select 1\0")).unwrap();
    assert_eq!(next_error(&mut stream), "");
}

#[test]
fn statement_timeout_was_answered_and_ignored() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0", "--query-timeout", "50s"]);
    let ended = psql_script(
        &server,
        &format!("set statement_timeout to '300ms';\n{ENDLESS};\nselect 'goes ' || 'on'"),
    );
    assert!(ended.err.contains("canceling statement due to statement timeout"), "{}", ended.err);
    assert!(ended.out.contains("goes on"), "{}", ended.out);
}

#[test]
fn a_client_that_was_gone_computed_on_to_its_end() {
    let args = ["--postgres-listen", "127.0.0.1:0", "--query-timeout", "50s", "--queries", "1"];
    let server = ServerProcess::start(&args);
    let (mut stream, _) = logged_in_with_key(&server);
    stream.write_all(&message(b"Q", format!("{ENDLESS}\0").as_bytes())).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    drop(stream);
    // It would wait for its turn for 50 seconds, and then give up.
    assert_eq!(psql(&server, server.token(), "select 1").fine(), "1\n");
}

#[test]
fn four_clients_that_read_one_page_and_idled_shut_all_reports() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0", "--query-timeout", "50s"]);
    let idle = |query: &str| {
        let (mut stream, _) = logged_in_with_key(&server);
        stream.write_all(&message(b"P", format!("\0{query}\0\0\0").as_bytes())).unwrap();
        stream.write_all(&message(b"B", b"\0\0\0\0\0\0\0\0")).unwrap();
        stream.write_all(&message(b"E", b"\0\0\0\0\x0a")).unwrap();
        stream.write_all(&message(b"H", b"")).unwrap();
        // The first page: ten rows, and that there are more.
        while next_message(&mut stream).0 != b's' {}
        stream
    };
    let small: Vec<TcpStream> = (0..6).map(|_| idle("select value from generate_series(1, 1000)")).collect();
    // What is left of these does not fit into what waits for a client, so they keep their places.
    let _large: Vec<TcpStream> =
        (0..3).map(|_| idle("select repeat('x', 1000) from generate_series(1, 1000000)")).collect();
    let (status, answer) = server.post_with_token("/reports/v1/sql", r#"{"query": "select 1"}"#);
    assert_eq!(status, 200, "{answer}");
    for mut stream in small {
        stream.write_all(&message(b"E", b"\0\0\0\0\0")).unwrap();
        stream.write_all(&message(b"S", b"")).unwrap();
        assert_eq!(next_error(&mut stream), "");
    }
}

#[test]
fn rows_were_lost_behind_a_goodbye_that_came_with_the_query() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    // Some of these are as long as what waits between the library and a client that does not read.
    let sent: Vec<(usize, TcpStream)> = (1..=40)
        .map(|part| {
            let (mut stream, _) = logged_in_with_key(&server);
            let rows = part * 200;
            let query = format!("select repeat('x', 1000) from generate_series(1, {rows})\0");
            stream.write_all(&[message(b"Q", query.as_bytes()), message(b"X", b"")].concat()).unwrap();
            (rows, stream)
        })
        .collect();
    std::thread::sleep(Duration::from_secs(2));
    for (expected, mut stream) in sent {
        let mut rows = 0;
        while next_message(&mut stream).0 != b'C' {
            rows += 1;
        }
        // The first message says which columns there are.
        assert_eq!(rows, expected + 1);
    }
}

#[test]
fn rows_ended_without_a_word_where_the_engine_panics() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    let panics = "select array_agg(repeat('x', 10000000)) over () from generate_series(1, 5000)";
    let ended = psql(&server, server.token(), panics);
    assert_ne!(ended.code, Some(0), "{}", ended.out);
    assert!(ended.err.contains("the query engine cannot run this query"), "{}", ended.err);
}
