//! What a connection to the PostgreSQL port may have, and how it ends: in words, whoever ends it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

use crate::support::pg_client::{PgClient, pg_port};
use crate::support::{DEADLINE, ServerProcess, children, wait_until};

const PORT: [&str; 2] = ["--postgres-listen", "127.0.0.1:0"];

/// A query that goes on until its time is up.
const ENDLESS: &str = "select count(*) from generate_series(1, 300000) a, generate_series(1, 300000) b \
                       where a.value % 7 = b.value % 11";

/// The process that answers the queries of a server.
fn reporter(server: &ServerProcess) -> Pid {
    let pid = wait_until("the server has a reporter", || children(server.pid()).first().copied());
    Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
}

fn message(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [kind, &length, body].concat()
}

/// A login with parameters beside the user.
fn startup(parameters: &[u8]) -> Vec<u8> {
    message(b"", &[&196_608_u32.to_be_bytes()[..], b"user\0anybody\0", parameters, b"\0"].concat())
}

fn connect(server: &ServerProcess) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", pg_port(server))).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// All that comes until the server closes the connection, as text.
fn last_words(stream: &mut TcpStream) -> String {
    let mut words = Vec::new();
    stream.read_to_end(&mut words).unwrap();
    String::from_utf8_lossy(&words).into_owned()
}

/// Waits until the reporter works on something.
fn wait_until_busy(reporter: Pid) {
    wait_until("the query runs", || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", reporter.as_raw_nonzero())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        // Time of processors, in hundredths of a second.
        (fields[11].parse::<u64>().unwrap() > 100).then_some(())
    });
}

#[test]
fn a_large_row_behind_a_cursor_waited_for_the_room_that_the_rows_before_it_kept() {
    let args = ["--postgres-listen", "127.0.0.1:0", "--query-timeout", "20s"];
    let server = ServerProcess::start(&args);
    let mut client = PgClient::connect(&server);
    let rows = "select repeat('x', 3000000) union all select repeat('y', 9000000) \
                union all select repeat('z', 9000000)";
    assert_eq!(client.ask(&format!("declare c cursor with hold for {rows}")), ["DECLARE CURSOR"]);
    for row in 0..3 {
        assert_eq!(client.ask("move 1 c"), ["MOVE 1"], "row {row}");
    }
    assert_eq!(client.ask("move 1 c"), ["MOVE 0"]);
}

#[test]
fn a_client_with_all_its_cursors_open_could_neither_close_one_nor_roll_back() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    assert_eq!(client.ask("begin"), ["BEGIN"]);
    for number in 0..64 {
        client.ask(&format!("declare c{number} cursor for select 1"));
    }
    assert!(client.ask("declare more cursor for select 1")[0].starts_with("error 54000"));
    assert_eq!(client.prepared("rollback", &[], &[], 0), ["no columns", "ROLLBACK", "ready I"]);
    client.ask("begin");
    for number in 0..64 {
        client.ask(&format!("declare c{number} cursor for select 1"));
    }
    assert_eq!(client.prepared("close c7", &[], &[], 0), ["no columns", "CLOSE CURSOR", "ready T"]);
    assert_eq!(client.ask("declare more cursor for select 1"), ["DECLARE CURSOR"]);
}

#[test]
fn a_client_with_all_its_statements_prepared_could_not_drop_one_by_another() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    for number in 0..512 {
        client.parse(&format!("s{number}"), "select 1", &[]);
    }
    assert_eq!(client.sync(), ["ready I"]);
    assert_eq!(client.prepared("deallocate s7", &[], &[], 0), ["no columns", "DEALLOCATE", "ready I"]);
    client.parse("more", "select 1", &[]);
    assert_eq!(client.sync(), ["ready I"], "the one without a name does not count");
}

#[test]
fn parameters_without_a_value_and_long_names_of_settings_took_memory_uncounted() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    client.parse("s0", "select 1", &vec![23; 60_000]);
    client.parse("s1", "select 1", &vec![23; 6_000]);
    let told = client.sync();
    assert!(
        told[0].starts_with("error 54000 the prepared statements of a connection may have 65535"),
        "{told:?}"
    );
    client.bind("p0", "s0", &vec![None; 60_000], &[]);
    client.bind("p1", "s0", &vec![None; 60_000], &[]);
    let told = client.sync();
    assert!(told[0].starts_with("error 54000 all portals may have 65535 parameters"), "{told:?}");
    client.bind("", "s0", &vec![None; 60_000], &[]);
    client.execute("", 0);
    assert_eq!(client.sync(), ["row 1", "SELECT 1", "ready I"]);
    let told = client.ask(&format!("select set_config('app.{}', 'x', false)", "n".repeat(2_000)));
    let words = "error 54000 the name of a setting may have 1024 bytes";
    assert!(told.last().unwrap().starts_with(words), "{told:?}");
}

#[test]
fn a_long_name_in_a_small_message_ended_the_connection_without_a_word() {
    let server = ServerProcess::start(&PORT);
    for kind in [b'D', b'C', b'E'] {
        let mut client = PgClient::connect(&server);
        client.send(kind, &[b"S", "n".repeat(9_000).as_bytes(), b"\0\0\0\0\0"].concat());
        let (kind, body) = client.next().expect("the connection ends in words");
        let words = String::from_utf8_lossy(&body).into_owned();
        assert!(kind == b'E' && words.contains("08P01") && words.contains("may have 8192 bytes"), "{words}");
    }
}

#[test]
fn a_goodbye_behind_a_query_hid_that_its_reporter_had_ended() {
    let args = ["--postgres-listen", "127.0.0.1:0", "--query-timeout", "50s"];
    let server = ServerProcess::start(&args);
    let mut client = PgClient::connect(&server);
    let reporter = reporter(&server);
    client.send(b'Q', format!("{ENDLESS}\0").as_bytes());
    client.send(b'X', b"");
    wait_until_busy(reporter);
    kill_process(reporter, Signal::KILL).unwrap();
    let (kind, body) = client.next().expect("the end is told");
    let words = String::from_utf8_lossy(&body).into_owned();
    assert!(kind == b'E' && words.contains("57P02") && words.contains("it was killed"), "{words}");
}

#[test]
fn a_refused_login_was_told_twice_when_the_reporter_ended_behind_it() {
    let server = ServerProcess::start(&PORT);
    let reporter = reporter(&server);
    assert_eq!(PgClient::connect(&server).ask("select 1"), ["row 1", "SELECT 1"]);
    let mut stream = connect(&server);
    stream.write_all(&startup(b"nothing_like_it\0on\0")).unwrap();
    stream.write_all(&message(b"p", format!("{}\0", server.token()).as_bytes())).unwrap();
    let mut first = [0; 64];
    stream.read_exact(&mut first[..9]).unwrap();
    stream.read_exact(&mut first).unwrap();
    kill_process(reporter, Signal::KILL).unwrap();
    let words = String::from_utf8_lossy(&first).into_owned() + &last_words(&mut stream);
    assert_eq!(words.matches("SFATAL").count(), 1, "{words}");
    assert!(words.contains("42704"), "{words}");
}

#[test]
fn a_login_got_no_word_when_the_reporter_had_no_room_for_it() {
    let server = ServerProcess::start(&PORT);
    assert_eq!(PgClient::connect(&server).ask("select 1"), ["row 1", "SELECT 1"]);
    let reporter = reporter(&server);
    let none = Rlimit { current: Some(3), maximum: Some(3) };
    prlimit(Some(reporter), Resource::Nofile, none).unwrap();
    let mut stream = connect(&server);
    stream.write_all(&startup(b"")).unwrap();
    let words = last_words(&mut stream);
    assert!(words.contains("57P03") && words.contains("has closed this connection"), "{words:?}");
}

#[test]
fn a_client_that_went_on_sending_lost_the_words_with_which_it_was_turned_away() {
    let server = ServerProcess::start(&PORT);
    let mut stream = connect(&server);
    stream.write_all(&startup(b"")).unwrap();
    stream.write_all(&message(b"p", b"wrong\0")).unwrap();
    stream.write_all(&vec![b'x'; 400_000]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let words = last_words(&mut stream);
    assert!(words.contains("28P01"), "{words}");
}

#[test]
fn clients_whose_network_was_gone_kept_their_places_for_ever() {
    let server = ServerProcess::start(&PORT);
    let stream = connect(&server);
    let (here, there) = (stream.local_addr().unwrap().port(), pg_port(&server));
    wait_until("the connection is looked after", || {
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let mut lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let own = lines.find(|fields| {
            fields[1].ends_with(&format!(":{there:04X}")) && fields[2].ends_with(&format!(":{here:04X}"))
        });
        // The timer of probes.
        own.is_some_and(|fields| fields[5].starts_with("02:")).then_some(())
    });
}

#[test]
fn a_zone_of_java_without_a_place_was_refused_at_the_login() {
    let server = ServerProcess::start(&PORT);
    // Java's zone `GMT+02:00`, two hours east, in the words of pgjdbc.
    let mut client = PgClient::with_parameters(&server, &[("TimeZone", "GMT-02:00")]).ok().unwrap();
    assert_eq!(client.ask("show timezone"), ["row GMT-02:00", "SHOW"]);
    let noon = "select timestamptz '2026-11-01 12:00:00Z'";
    assert_eq!(client.ask(noon)[0], "row 2026-11-01 14:00:00+02");
    assert_eq!(client.ask("set timezone = 'GMT+02:00'"), ["SET"]);
    assert_eq!(client.ask(noon)[0], "row 2026-11-01 10:00:00-02");
}
