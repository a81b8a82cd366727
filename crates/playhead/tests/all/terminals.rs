//! Tables on terminals of all widths, and in pipes.

use std::process::Command;

use playhead::{Environment, Streams, Terminal};
use serde_json::json;

use crate::support::{ServerProcess, binary, event, run, session_start, timeline, write_events};

const START_MS: i64 = 1_793_491_200_000;

/// A server with sessions whose names are long, wide, marked, and hostile.
fn server_with_names() -> (ServerProcess, String) {
    let server = ServerProcess::start(&["--reorder-window", "1ms"]);
    let name = |name: &str, file: &str| {
        let mut start = session_start(START_MS);
        start["params"]["media.name"] = json!(name);
        start["params"]["media.id"] = json!(name);
        start["customMetadata"] = json!({"key": "value ".repeat(60)});
        let events = [start, event("play", START_MS, 0.0), event("sessionEnd", START_MS + 9_000, 9.0)];
        server.replay(&write_events(server.data(), file, &events))
    };
    name(&"A long name of a programme ".repeat(4), "long.json");
    name(&"欧洲杯决赛现场直播".repeat(4), "wide.json");
    name(&"a\u{301}\u{323}e\u{302}".repeat(20), "marked.json");
    let id = name(&"\u{202e}drawkcab\u{200d}".repeat(8), "hostile.json");
    server.replay(&timeline("2-user-abandons.json"));
    server.wait_until_closed(&id);
    (server, id)
}

/// What the command prints to a terminal of so many columns.
fn on_terminal(columns: usize, args: &[&str]) -> String {
    let terminal = Terminal { is_stdout: true, columns: Some(columns), ..Terminal::default() };
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let mut streams = Streams { input: &mut std::io::empty(), out: &mut out, notes: &mut notes };
    let args = ["playhead"].iter().chain(args).map(Into::into);
    let code = playhead::run(args, &Environment::default(), terminal, &mut streams);
    assert_eq!(code, 0, "{}", String::from_utf8_lossy(&notes));
    String::from_utf8(out).unwrap()
}

/// The cells of a line on a terminal; only the characters of these tests are known.
fn cells(line: &str) -> usize {
    let of = |c: char| match c {
        '\u{300}'..='\u{36f}' => 0,
        '\u{4e00}'..='\u{9fff}' => 2,
        _ => 1,
    };
    line.chars().map(of).sum()
}

#[test]
fn tables_ran_over_the_edge_of_the_terminal() {
    let (server, id) = server_with_names();
    let data = server.data().to_str().unwrap();
    let excluded = server.replay(&timeline("3-chapters.json"));
    let call = ["exclude", &excluded, "--why", &"a robot of ours ".repeat(6), "--server", server.base()];
    run(binary().args(call).env("PLAYHEAD_TOKEN", server.token())).fine();
    let metrics =
        ["content_starts", "content_time_spent", "total_pause_duration", "average_bitrate", "visitors"];
    let by_name = [&["report"][..], &metrics, &["--by", "content_name,channel"]].concat();
    let by_day =
        [&["report"][..], &metrics, &["--from", "2026-11-01", "--to", "2026-11-02", "--granularity", "hour"]]
            .concat();
    let calls: [&[&str]; 10] = [
        &["sessions"],
        &["sessions", &id],
        &["sessions", &id, "--events"],
        &["exclude"],
        &by_name,
        &by_day,
        &["sql", "select * from sessions"],
        &["sql", "select content_name, custom_metadata, content_time_spent from sessions"],
        &["export", "ads", "--format", "csv"],
        &["verify"],
    ];
    for columns in [0, 1, 20, 21, 40, 79, 80, 81, 120, 100_000] {
        for call in calls {
            let text = on_terminal(columns, &[call, &["--data", data]].concat());
            assert!(text.len() < 100_000, "{call:?} in {columns}: {} bytes", text.len());
            if call[0] == "export" || call[0] == "verify" {
                continue;
            }
            let room = if columns == 0 { 80 } else { columns.max(20) };
            for line in text.lines() {
                assert!(cells(line) <= room, "{call:?} in {columns}: {line}\n{text}");
            }
        }
    }
    let listed = on_terminal(80, &["report", "--list"]);
    assert!(listed.lines().all(|line| cells(line) <= 80), "{listed}");
}

#[test]
fn a_narrow_table_says_what_it_lacks_and_a_pipe_lacks_nothing() {
    let (server, id) = server_with_names();
    let data = server.data().to_str().unwrap();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let narrow = words(&on_terminal(80, &["sessions", "--data", data]));
    assert!(narrow.contains("There is no room for: report suite, ad time, events, diagnoses."), "{narrow}");
    assert!(narrow.contains("Texts that end in … are cut."), "{narrow}");
    assert!(narrow.ends_with("A wider terminal shows more, and --format json or a pipe all."), "{narrow}");
    let wide = on_terminal(400, &["sessions", "--data", data]);
    assert!(wide.contains(&"欧洲杯决赛现场直播".repeat(4)) && !wide.contains("no room"), "{wide}");
    // The width counts for terminals only.
    let piped = run(binary().args(["sessions", "--data", data]).env("COLUMNS", "20")).fine();
    assert!(piped.contains(&id) && piped.contains(&"欧洲杯决赛现场直播".repeat(4)), "{piped}");
    assert!(piped.contains("diagnoses") && !piped.contains('…'), "{piped}");
    let sql = ["sql", "select repeat('x', 70000) as long, 1 as n from sessions", "--data", data];
    assert!(run(binary().args(sql)).fine().contains(&"x".repeat(70_000)));
}

#[test]
fn a_terminal_without_a_width_or_with_an_absurd_one_ended_no_command() {
    let (server, id) = server_with_names();
    let data = server.data().to_str().unwrap();
    let program = env!("CARGO_BIN_EXE_playhead");
    // `script` gives the command a terminal, which has no width at first.
    let on_pty = |setup: &str, args: &str| {
        let call = format!("{setup}; exec {program} {args} --data {data}");
        run(Command::new("script").args(["-qec", &call, "/dev/null"]).env_remove("COLUMNS")).fine()
    };
    let setups =
        [("stty cols 0", 80), ("stty cols 1", 20), ("stty cols 33", 33), ("stty cols 65535", 65_535)];
    let by_variable = [
        ("export COLUMNS=0", 80),
        ("export COLUMNS=100000", 100_000),
        ("export COLUMNS=x", 80),
        ("export COLUMNS=-1", 80),
    ];
    for (setup, room) in setups.into_iter().chain(by_variable) {
        for args in
            ["sessions".to_owned(), format!("sessions {id}"), "report visitors --by content_name".to_owned()]
        {
            let text = on_pty(setup, &args);
            // Bold letters take no room.
            let text = text.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
            assert!(room < 33 || text.contains(&id[..12]) || text.contains("visitors"), "{setup}: {text}");
            for line in text.lines() {
                assert!(cells(line) <= room, "{setup}, {args}: {line}");
            }
        }
        // The bars of these have a terminal, too.
        assert!(on_pty(setup, "verify").len() < 20_000, "{setup}");
        let typed = format!(
            "printf 'select 1 as one, repeat(chr(65), 300) as a;\\n\\\\d\\n\\\\q\\n' | script -qec '{setup}; exec {program} sql --data {data}' /dev/null"
        );
        let prompt =
            run(Command::new("sh").args(["-c", &typed]).env_remove("COLUMNS").env("HOME", data)).fine();
        assert!(prompt.contains("(1 row,") && prompt.len() < 20_000, "{setup}: {prompt}");
        let bar = on_pty(setup, "export sessions --format csv --out /dev/null");
        assert!(bar.len() < 10_000, "{setup}: {bar}");
    }
}

#[test]
fn listing_metrics_and_columns_needs_no_data() {
    let nowhere = tempfile::tempdir().unwrap();
    let call =
        |args: &[&str]| run(binary().args(["report", "--list"]).args(args).current_dir(nowhere.path()));
    let listed = call(&[]).fine();
    assert!(listed.contains("content_starts") && listed.contains("channel"), "{listed}");
    let missing = call(&["--data", "/no/such/directory", "--format", "json"]).json();
    assert!(std::fs::read_dir(nowhere.path()).unwrap().next().is_none(), "nothing is made");
    let sql = |query: &str| run(binary().args(["sql", query]).current_dir(nowhere.path()));
    assert!(sql("\\d").fine().contains("chapters"));
    assert!(sql("\\d sessions").fine().contains("content_time_spent"));
    let ended = sql("\\d sesions");
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("did you mean sessions?"), "{}", ended.err);
    let server = ServerProcess::start(&[]);
    let of_server = call(&["--server", server.base(), "--token", server.token(), "--format", "json"]).json();
    assert_eq!(missing, of_server);
    assert_eq!(call(&["--server", server.base()]).code, Some(1), "without its token");
}
