//! The catalogue of the PostgreSQL port with psql, and SQL that has to mean the same at every door.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::pg_client::pg_port;
use crate::support::replayed::server_with_timelines;
use crate::support::{ServerProcess, binary, run};

fn psql(server: &ServerProcess, args: &[&str]) -> String {
    let mut command = Command::new("psql");
    command.env("PGPASSWORD", server.token()).env("PGCONNECT_TIMEOUT", "30").env("PSQLRC", "/dev/null");
    command.args([
        "--no-psqlrc",
        "--no-password",
        "-A",
        "-t",
        "-F",
        ",",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        "127.0.0.1",
    ]);
    command.args(["-p", &pg_port(server).to_string(), "-U", "anybody", "-d", "playhead"]);
    run(command.args(args)).fine()
}

#[test]
fn commands_of_psql_about_the_catalogue_ended_in_errors() {
    let server = server_with_timelines(&["--postgres-listen", "127.0.0.1:0"]);
    let tables = psql(&server, &["-c", r"\dt+"]);
    let names: Vec<&str> = tables.lines().map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(names, ["ads", "chapters", "errors", "events", "exclusions", "sessions"], "{tables}");
    assert!(tables.contains("One row for each error"), "{tables}");
    let columns = psql(&server, &["-c", r"\d+ ads"]);
    for expected in
        ["day,date,", "started_at,timestamp with time zone,", "custom_metadata,jsonb,", "ad_number,bigint,"]
    {
        assert!(columns.contains(expected), "{expected}: {columns}");
    }
    let described = psql(&server, &["-c", "select col_description('ads'::regclass, 2)"]);
    assert!(columns.contains(described.trim()), "{columns}");
    assert!(psql(&server, &["-c", r"\l+"]).starts_with("playhead,playhead,UTF8,"));
    assert!(psql(&server, &["-c", r"\du"]).starts_with("playhead,"));
    for nothing in [
        r"\df", r"\dv", r"\di", r"\ds", r"\dT", r"\dx", r"\dD", r"\dL", r"\dC", r"\do", r"\dX", r"\dRp",
        r"\dy",
    ] {
        assert_eq!(psql(&server, &["-c", nothing]), "", "{nothing}");
    }
}

#[test]
fn the_time_zone_of_a_connection_was_answered_and_ignored() {
    let server = server_with_timelines(&["--postgres-listen", "127.0.0.1:0"]);
    let query = "select started_at, date_trunc('day', started_at), started_at::date, extract(hour from started_at) \
                 from sessions order by 1 limit 1";
    assert_eq!(
        psql(&server, &["-c", query]),
        "2017-10-26 19:15:24.153+00,2017-10-26 00:00:00+00,2017-10-26,19\n"
    );
    let in_tokyo = psql(&server, &["-q", "-c", "set time zone 'Asia/Tokyo'", "-c", query]);
    assert_eq!(in_tokyo, "2017-10-27 04:15:24.153+09,2017-10-27 00:00:00+09,2017-10-27,4\n");
    let shown = "select setting from pg_settings where name = 'TimeZone'";
    assert_eq!(psql(&server, &["-q", "-c", "set time zone 'Asia/Tokyo'", "-c", shown]), "Asia/Tokyo\n");
    // The zone of one connection is not that of another door.
    let (status, body) = server.post_with_token("/reports/v1/sql", &json!({"query": query}).to_string());
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("2017-10-26T19:15:24.153Z"), "{body}");
}

#[test]
fn the_same_sql_meant_something_else_at_another_door() {
    let server = server_with_timelines(&["--postgres-listen", "127.0.0.1:0"]);
    for (query, expected) in [
        ("select count(*), count(*) from sessions", "3,3\n"),
        ("select to_char(max(started_at), 'YYYY-MM-DD') from sessions", "2017-10-26\n"),
        ("select to_date('05/11/2026', 'DD/MM/YYYY'), 2.7::int, (2 ^ 3)::int", "2026-11-05,3,8\n"),
        ("select max(started_at at time zone 'Asia/Tokyo')::date from sessions", "2017-10-27\n"),
        ("select 'abc' similar to 'b', substring('foobar' from 'o.b'), 'ABC' ilike 'a%'", "f,oob,t\n"),
        (
            "select (timestamp '2026-11-05 12:00')::text, interval '90 minutes'",
            "2026-11-05 12:00:00,01:30:00\n",
        ),
        ("select generate_series(1, 2)", "1\n2\n"),
        (
            "select sum(n) = (select count(*) from ads) from (select (select count(*) from ads a \
             where a.session_id = s.session_id) as n from sessions s) t",
            "t\n",
        ),
        ("select n from generate_series(1, 1) n", "1\n"),
    ] {
        let port = psql(&server, &["-c", query]);
        assert_eq!(port, expected, "{query}");
        let (status, body) = server.post_with_token("/reports/v1/sql", &json!({"query": query}).to_string());
        assert_eq!(status, 200, "{query}: {body}");
        let rows = serde_json::from_str::<Value>(&body).unwrap()["rows"].clone();
        assert_eq!(as_psql_writes(&rows), expected, "{query} over HTTP");
        let command =
            run(binary().args(["sql", "--format", "json", query, "--data"]).arg(server.data())).json();
        assert_eq!(command["rows"], rows, "{query} in the command");
    }
}

/// Rows as psql writes them.
fn as_psql_writes(rows: &Value) -> String {
    let value = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(is) => if *is { "t" } else { "f" }.to_owned(),
        Value::Number(number) => number.as_f64().map_or_else(String::new, |number| number.to_string()),
        other => other.to_string(),
    };
    let row = |row: &Value| row.as_array().unwrap().iter().map(value).collect::<Vec<_>>().join(",") + "\n";
    rows.as_array().unwrap().iter().map(row).collect()
}
