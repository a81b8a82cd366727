//! Queries from the command line: `report`, `sql`, `export`, `verify` and `maintain`, over HTTP and on a data directory,
//! with and without a server that uses it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::support::replayed::{QUICK, TIMELINES, documented, maintain, server_with_timelines};
use crate::support::{Ended, ServerProcess, binary, run, timeline};
use serde_json::Value;

fn over_http(server: &ServerProcess, args: &[&str]) -> Ended {
    run(binary().env("PLAYHEAD_TOKEN", server.token()).args(args).args(["--server", server.base()]))
}

fn on_directory(server: &ServerProcess, args: &[&str]) -> Ended {
    run(binary().args(args).arg("--data").arg(server.data()))
}

type Way = fn(&ServerProcess, &[&str]) -> Ended;

const BOTH_WAYS: [Way; 2] = [over_http, on_directory];

fn floats(row: &Value) -> Vec<f64> {
    row.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

/// The documented numbers come out of `report` and `sql`.
fn expect_documented(server: &ServerProcess, ways: &[Way], stage: &str) {
    let expected = vec![
        TIMELINES.len() as f64,
        documented("content_start"),
        documented("content_time_spent"),
        documented("ad_count"),
    ];
    for way in ways {
        let args =
            ["report", "sessions", "content_starts", "content_time_spent", "ad_starts", "--format", "json"];
        let answer = way(server, &args).json();
        assert_eq!(floats(&answer["rows"][0]), expected, "{stage}: {answer}");
        let query = "select count(*), count(*) filter (where content_start), sum(content_time_spent), sum(ad_count) \
                     from sessions";
        let answer = way(server, &["sql", query, "--format", "json"]).json();
        assert_eq!(floats(&answer["rows"][0]), expected, "{stage}: {answer}");
        let answer = way(server, &["sql", "select count(*) from ads", "--format", "json"]).json();
        assert_eq!(floats(&answer["rows"][0]), expected[3..], "{stage}: {answer}");
    }
}

#[test]
fn the_documented_numbers_come_out_every_way_and_at_every_stage() {
    let mut server = server_with_timelines(&[]);
    expect_documented(&server, &BOTH_WAYS, "in the journal");
    let events = |way: Way, server: &ServerProcess| {
        let args = ["sql", "select count(*), count(distinct session_id) from events", "--format", "json"];
        floats(&way(server, &args).json()["rows"][0])
    };
    let count = events(over_http, &server);
    assert!(count[0] > 30.0 && count[1] == 3.0, "{count:?}");

    let done = maintain(&server);
    assert!(done.contains("moved 3 sessions"), "{done}");
    expect_documented(&server, &BOTH_WAYS, "in the lake");
    assert_eq!(events(over_http, &server), count);

    server.sigterm();
    expect_documented(&server, &[on_directory], "without a server");
    assert_eq!(events(on_directory, &server), count);
    // Nothing is left to move, and nothing is moved twice.
    let done = on_directory(&server, &["maintain", "--format", "json"]).json();
    assert!(done["done"][0].as_str().unwrap().contains("moved 0 sessions and 0 events"), "{done}");
    expect_documented(&server, &[on_directory], "after upkeep without a server");
}

#[test]
fn upkeep_of_a_directory_leaves_a_server_alone() {
    let server = ServerProcess::start(&QUICK);
    let ended = on_directory(&server, &["maintain"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(
        ended.err.contains("in use by another writer") && ended.err.contains("--server"),
        "{}",
        ended.err
    );
    let empty = tempfile::tempdir().unwrap();
    let ended = run(binary().args(["maintain", "--data"]).arg(empty.path()));
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0, "no journal is made");
}

#[test]
fn a_report_is_a_table_a_csv_or_a_file() {
    let server = server_with_timelines(&[]);
    for way in BOTH_WAYS {
        let by_content =
            ["report", "content_starts", "content_time_spent", "--by", "content_id", "--open", "exclude"];
        let table = way(&server, &by_content).fine();
        let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            lines[0],
            ["content_id", "content_name", "content_starts", "content_time_spent"],
            "{table}"
        );
        let last = lines.last().unwrap();
        assert_eq!(
            (last[0], last[1]),
            ("total", documented("content_start").to_string().as_str()),
            "{table}"
        );
        assert!(last[2].starts_with("0:0"), "durations are readable: {table}");
        let csv = way(&server, &[&by_content[..], &["--format", "csv"]].concat()).fine();
        assert_eq!(csv.lines().next().unwrap(), "content_id,content_starts,content_time_spent");

        let filtered = |filter: &str| {
            let args = ["report", "sessions", "--filter", filter, "--format", "json"];
            way(&server, &args).json()["totals"]["sessions"].as_f64().unwrap()
        };
        assert_eq!(filtered("content_time_spent>=0"), 3.0);
        assert_eq!(filtered("content_time_spent>44.9"), wanted_long());
        assert_eq!(filtered("report_suite not in example-rsid,other"), 0.0);
        assert_eq!(filtered("content_id exists"), 3.0);

        let series = [
            "report",
            "sessions",
            "--granularity",
            "day",
            "--time-zone",
            "Europe/Berlin",
            "--format",
            "json",
        ];
        let series = way(&server, &series).json();
        assert_eq!(series["columns"][0]["name"], "time", "{series}");

        let list = way(&server, &["report", "--list"]).fine();
        assert!(list.contains("content_time_spent") && list.contains("report_suite"), "{list}");
        // A range without data is a valid response, not an error.
        let nothing = ["report", "sessions", "--by", "channel", "--from", "1999-01-01", "--to", "1999-01-02"];
        assert_eq!(way(&server, &nothing).fine(), "no rows\n");
    }
    let ids = ["report", "sessions", "--by", "content_id", "--format", "parquet"];
    let file = server.data().join("by-content.parquet");
    on_directory(&server, &[&ids[..], &["--out", file.to_str().unwrap()]].concat()).fine();
    expect_parquet(&file);
    let piped = server.data().join("piped.parquet");
    let status =
        binary().args(ids).arg("--data").arg(server.data()).stdout(File::create(&piped).unwrap()).status();
    assert!(status.unwrap().success());
    expect_parquet(&piped);
}

/// The number of documented sessions with this content time.
fn wanted_long() -> f64 {
    let times = TIMELINES.map(|name| {
        let row = fs::read(timeline(&format!("{name}.expected.json"))).unwrap();
        serde_json::from_slice::<Value>(&row).unwrap()["content_time_spent"].as_f64().unwrap()
    });
    times.iter().filter(|time| **time > 44.9).count() as f64
}

fn expect_parquet(file: &Path) {
    let bytes = fs::read(file).unwrap();
    assert!(bytes.len() > 12 && bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"), "{}", file.display());
}

#[test]
fn a_panel_had_no_file_on_the_command_line() {
    let server = server_with_timelines(&[]);
    let mut files = Vec::new();
    for way in BOTH_WAYS {
        let range = ["--from", "2026-11-01", "--to", "2026-11-02", "--format", "csv"];
        let concurrency = ["report", "--panel", "concurrency", "--count", "visitors", "--by", "content_id"];
        let file = way(&server, &[&concurrency[..], &range].concat()).fine();
        assert_eq!(
            file.lines().next().unwrap(),
            "time,series,content_id,concurrent_visitors,present_visitors"
        );
        let quality =
            ["report", "--panel", "quality", "--granularity", "day", "--filter", "content_id exists"];
        let days = way(&server, &[&quality[..], &range].concat()).fine();
        assert!(days.starts_with("time,sessions,"), "{days}");
        files.push((file, days));
        let whole = way(&server, &["report", "--panel", "quality", "--format", "json"]).json();
        assert_eq!(whole["sessions"], 3);

        let refused = way(&server, &[&quality[..], &["--by", "channel", "--format", "csv"]].concat());
        assert_eq!(refused.code, Some(2), "{}", refused.out);
        assert!(refused.err.contains("--by"), "{}", refused.err);
        let refused = way(&server, &["report", "--panel", "quality"]);
        assert_eq!(refused.code, Some(2), "{}", refused.out);
        assert!(refused.err.contains("--panel needs --format"), "{}", refused.err);
    }
    assert_eq!(files[0], files[1], "both ways give the same file");
}

#[test]
fn a_table_is_exported_in_every_form() {
    let server = server_with_timelines(&[]);
    over_http(&server, &["maintain"]).fine();
    for way in BOTH_WAYS {
        let lines = way(&server, &["export", "sessions", "--format", "jsonl"]).fine();
        let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), 3);
        let sum: f64 = rows.iter().map(|row| row["content_time_spent"].as_f64().unwrap()).sum();
        assert_eq!(sum, documented("content_time_spent"));

        let csv = way(&server, &["export", "ads", "--format", "csv"]).fine();
        assert!(csv.lines().next().unwrap().split(',').any(|name| name == "ad_id"), "{csv}");
        assert_eq!(csv.lines().count(), 1 + documented("ad_count") as usize);

        let feed =
            way(&server, &["export", "sessions", "--format", "adobe-feed", "--open", "exclude"]).fine();
        assert_eq!(feed.lines().count(), 3, "{feed}");
        assert!(feed.lines().all(|line| line.contains("a.media.")), "{feed}");

        let file = server.data().join("exports").join("events.parquet");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        way(&server, &["export", "events", "--out", file.to_str().unwrap()]).fine();
        expect_parquet(&file);
        assert_eq!(
            fs::read_dir(file.parent().unwrap()).unwrap().count(),
            1,
            "only the complete file is there"
        );
        fs::remove_file(&file).unwrap();

        let none = way(&server, &["export", "sessions", "--format", "jsonl", "--to", "1999-01-01"]).fine();
        assert_eq!(none.trim(), "");
        let ended = way(&server, &["export", "sessions", "--from", "yesterdays"]);
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        assert!(ended.err.contains("--from"), "{}", ended.err);
        let ended = way(&server, &["export", "sessions", "--from", "2h", "--time-zone", "Mars/Olympus"]);
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        assert!(ended.err.contains("--time-zone names no time zone"), "{}", ended.err);
    }
}

#[test]
fn all_faults_of_a_call_are_listed_with_the_nearest_names() {
    let server = ServerProcess::start(&QUICK);
    let call = [
        "report",
        "contnet_starts",
        "--by",
        "chanel",
        "--filter",
        "shwo=x",
        "--granularity",
        "dya",
        "--segment",
        "vidoe",
        "--time-zone",
        "Europe/Berln",
        "--order-by",
        "-nothing",
    ];
    let [http, directory] = BOTH_WAYS.map(|way| way(&server, &call));
    assert_eq!(http.code, Some(2), "{}", http.err);
    assert_eq!(http.out, "");
    for part in ["METRIC", "--by", "--filter", "--granularity", "--segment", "--time-zone", "--order-by"] {
        let names = |line: &str| line.trim_start().starts_with(part);
        assert!(http.err.lines().any(names), "{part} is missing in\n{}", http.err);
    }
    for near in ["content_starts", "channel", "show", "day", "video"] {
        assert!(http.err.contains(near), "{near} is missing in\n{}", http.err);
    }
    assert_eq!((directory.code, directory.err), (Some(2), http.err), "both ways say the same");

    let token = run(binary().args(["report", "sessions", "--server", server.base()]));
    assert_eq!(token.code, Some(1));
    assert!(token.err.contains("--token or PLAYHEAD_TOKEN"), "{}", token.err);
    let gone = run(binary().args(["report", "sessions", "--server", "http://127.0.0.1:1", "--token", "x"]));
    assert_eq!(gone.code, Some(1));
    assert!(gone.err.contains("cannot be reached"), "{}", gone.err);
    let missing = run(binary().args(["sql", "select 1", "--data", "/nonexistent"]));
    assert_eq!(missing.code, Some(1));
    assert!(missing.err.contains("there is no journal at"), "{}", missing.err);
}

#[test]
fn sql_comes_from_the_call_or_from_standard_input_and_only_reads() {
    let server = server_with_timelines(&[]);
    let file = server.data().join("query.sql");
    fs::write(&file, "-- how many\nselect count(*) as n,\n  'a;b' as text from sessions;\n").unwrap();
    let from_file = |command: &mut std::process::Command| run(command.stdin(File::open(&file).unwrap()));
    let table = from_file(binary().arg("sql").arg("--data").arg(server.data())).fine();
    let words: Vec<&str> = table.split_whitespace().collect();
    assert_eq!(words, ["n", "text", "3", "a;b"]);
    let csv = from_file(binary().env("PLAYHEAD_TOKEN", server.token()).args([
        "sql",
        "--format",
        "csv",
        "--server",
        server.base(),
    ]));
    assert_eq!(csv.fine(), "n,text\n3,a;b\n");

    let mut said = Vec::new();
    for way in BOTH_WAYS {
        let ended = way(&server, &["sql", "select contnet_id from sessions"]);
        assert_eq!(ended.code, Some(2), "{}{}", ended.out, ended.err);
        assert!(ended.err.contains("contnet_id") && !ended.err.contains("backtrace"), "{}", ended.err);
        said.push(ended.err);
        // Fails only when the rows are computed.
        let ended = way(&server, &["sql", "select 1 / (ad_count - ad_count) from sessions"]);
        assert_eq!(ended.code, Some(2), "{}{}", ended.out, ended.err);
        assert!(ended.err.contains("Divide by zero"), "{}", ended.err);
        for query in ["drop table sessions", "insert into ads select * from ads", "copy ads to '/tmp/x.csv'"]
        {
            let ended = way(&server, &["sql", query]);
            assert_eq!(ended.code, Some(2), "{query}: {}{}", ended.out, ended.err);
        }
        let ended = way(&server, &["sql", " "]);
        assert_eq!(ended.code, Some(2));
    }
    assert_eq!(said[0], said[1], "both ways say the same");
}

/// The Parquet files of a table.
fn parquet_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(parquet_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_file_that_was_cut_short_is_found_and_named_and_the_other_tables_still_answer() {
    let mut server = server_with_timelines(&[]);
    over_http(&server, &["maintain"]).fine();
    let clean = on_directory(&server, &["verify", "--thorough"]).fine();
    for part in ["journal", "sessions", "ads", "chapters", "errors", "events"] {
        assert!(clean.lines().any(|line| line.split_whitespace().next() == Some(part)), "{part}: {clean}");
    }
    assert!(
        on_directory(&server, &["verify", "--format", "json"]).json()["findings"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    server.sigterm();

    let cut = parquet_files(&server.data().join("lake/ads")).pop().unwrap();
    let bytes = fs::read(&cut).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let name = cut.file_name().unwrap().to_str().unwrap();
    let ended = on_directory(&server, &["verify"]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains(name) && ended.out.contains("ads"), "{}", ended.out);
    let found = on_directory(&server, &["verify", "--format", "json"]);
    assert_eq!(found.code, Some(1));
    assert!(found.out.contains(name), "{}", found.out);

    let ended = on_directory(&server, &["sql", "select sum(time_played) from ads"]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.err.contains(name), "{}", ended.err);
    let answer = on_directory(&server, &["sql", "select count(*) from sessions", "--format", "json"]).json();
    assert_eq!(answer["rows"][0][0], 3);
}

#[test]
fn a_csv_of_more_than_100_000_rows_ended_in_peer_disconnected() {
    let mut server = ServerProcess::start(&QUICK);
    let query = "select unnest(range(150000)) as number";
    for way in BOTH_WAYS {
        let csv = way(&server, &["sql", query, "--format", "csv"]).fine();
        assert_eq!(csv.lines().count(), 150_001);
        assert_eq!((csv.lines().next(), csv.lines().last()), (Some("number"), Some("149999")));
        // JSON is cut, and says so.
        let json = way(&server, &["sql", query, "--format", "json"]).json();
        assert_eq!(
            (json["rows"].as_array().unwrap().len(), &json["is_truncated"]),
            (100_000, &Value::Bool(true))
        );
    }
    server.sigterm();
}

#[test]
fn a_response_that_its_server_does_not_finish_is_told_in_words() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = [0; 4_096];
        let _read = socket.read(&mut request).unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\n\r\n";
        socket.write_all(format!("{head}9\r\nnumber\n0\n\r\n").as_bytes()).unwrap();
    });
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("rows.csv");
    let mut command = binary();
    command.args(["sql", "select 1", "--format", "csv", "--server", &format!("http://{address}"), "--out"]);
    let ended = run(command.arg(&out));
    server.join().unwrap();
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(
        ended.err.contains("incomplete") && ended.err.contains("in the middle of its response"),
        "{}",
        ended.err
    );
    assert!(!out.exists(), "half a file is none");
}

#[test]
fn a_report_by_content_names_each_and_files_do_if_told_to() {
    let mut server = server_with_timelines(&[]);
    maintain(&server);
    let query = "select content_id, max(content_name) as name, count(*) as n from sessions group by 1 order by n desc, 1";
    let expected = over_http(&server, &["sql", query, "--format", "csv"]).out;
    let by_content = ["report", "sessions", "--by", "content_id"];
    let check = |server: &ServerProcess, ways: &[Way]| {
        for way in ways {
            let file = way(server, &[&by_content[..], &["--names", "--format", "csv"]].concat());
            assert_eq!(
                file.out.lines().skip(1).collect::<Vec<_>>(),
                expected.lines().skip(1).collect::<Vec<_>>(),
                "{}",
                file.err
            );
            let unnamed = way(server, &[&by_content[..], &["--format", "csv"]].concat());
            assert_eq!(unnamed.out.lines().next(), Some("content_id,sessions"));
            let table = way(server, &by_content);
            let head = table.out.lines().find(|line| line.contains("content_id")).unwrap_or_default();
            let head: Vec<&str> = head.split_whitespace().collect();
            assert_eq!(head, ["content_id", "content_name", "sessions"], "{}", table.out);
            let refused = way(server, &["report", "sessions", "--by", "channel", "--names"]);
            assert_eq!(refused.code, Some(2), "{}", refused.err);
            assert!(refused.err.contains("--names") && refused.err.contains("content_id"), "{}", refused.err);
        }
    };
    check(&server, &BOTH_WAYS);
    server.sigterm();
    check(&server, &[on_directory]);
}
