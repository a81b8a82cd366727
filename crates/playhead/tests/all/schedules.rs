//! `playhead schedule`: what the command adds, a server keeps through a kill and sends, and a directory lists.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::{ServerProcess, playhead};

const TOKEN: [&str; 2] = ["--admin-token", "0123456789abcdef"];

fn server_with(folder: &Path) -> ServerProcess {
    ServerProcess::start(
        &[&TOKEN[..], &["--report-folder", folder.to_str().unwrap(), "--lake-interval", "1h"]].concat(),
    )
}

#[test]
fn the_command_kept_another_schedule_than_it_was_told_or_lost_it_in_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = server_with(folder.path());
    let on = |server: &ServerProcess, args: &[&str]| {
        let place = ["--server", server.base(), "--token", "0123456789abcdef"];
        playhead(&[&["schedule"], args, &place].concat())
    };
    let added = on(
        &server,
        &[
            "add",
            "Morning",
            "media_starts",
            "--by",
            "channel",
            "--filter",
            "channel=web",
            "--range",
            "7d",
            "--every",
            "week",
            "--on",
            "monday",
            "--at",
            "06:30",
            "--time-zone",
            "Europe/Berlin",
            "--folder",
            "weekly",
            "--format",
            "json",
        ],
    )
    .json();
    assert_eq!(added["when"], json!({"every": "week", "weekday": "monday", "at": "06:30"}));
    let parameters = json!({"metrics": ["media_starts"], "dimensions": ["channel"],
        "filters": [{"dimension": "channel", "operator": "=", "value": "web"}]});
    assert_eq!(added["report"], json!({"kind": "query", "parameters": parameters}));
    assert_eq!((&added["range"], &added["to"]), (&json!("7d"), &json!({"folder": "weekly"})));

    let ran = on(&server, &["run", "Morning"]).fine();
    assert!(ran.contains("the report is sent: weekly/Morning_"), "{ran}");
    let written: Vec<_> = fs::read_dir(folder.path().join("weekly")).unwrap().collect();
    assert_eq!(written.len(), 1);
    let file = written[0].as_ref().unwrap().path();
    assert!(fs::read_to_string(file).unwrap().starts_with("channel,media_starts"));

    server.kill9();
    server = server.restart();
    let list = on(&server, &["list", "--format", "json"]).json();
    assert_eq!(list["schedules"][0]["id"], added["id"]);
    assert_eq!(list["schedules"][0]["runs"][0]["is_by_request"], true);
    let data = server.data().to_str().unwrap().to_owned();
    let directory = playhead(&["schedule", "list", "--format", "json", "--data", &data]).json();
    assert_eq!(directory["schedules"][0]["runs"], list["schedules"][0]["runs"]);
    let shown = playhead(&["schedule", "list", "--data", &data]).fine();
    assert!(
        shown.contains("Morning") && shown.contains("monday 06:30 Europe/Berlin") && shown.contains("sent"),
        "{shown}"
    );

    let gone = folder.path().join("weekly");
    fs::remove_dir_all(&gone).unwrap();
    fs::write(&gone, "a file").unwrap();
    let failed = on(&server, &["run", "Morning"]);
    assert_eq!(
        (failed.code, failed.out.contains("the folder cannot be opened")),
        (Some(1), true),
        "{}",
        failed.out
    );

    on(&server, &["remove", "Morning"]).fine();
    assert_eq!(on(&server, &["list"]).fine().trim(), "there are no schedules");
    let unknown = on(&server, &["run", "../views/1"]);
    assert_eq!(
        (unknown.code, unknown.err.contains("there is no schedule")),
        (Some(2), true),
        "{}",
        unknown.err
    );
}

#[test]
fn a_wrong_schedule_was_refused_in_other_words_than_those_of_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let server = server_with(folder.path());
    let refused = |args: &[&str]| {
        let place = ["--server", server.base(), "--token", "0123456789abcdef"];
        let ended = playhead(&[&["schedule", "add"], args, &place].concat());
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.err);
        ended.err
    };
    for (args, words) in [
        (
            &["x", "no_such", "--at", "25:00", "--folder", "../up"][..],
            &["METRIC", "--at must be a time of day", "--folder must be"][..],
        ),
        (&["x", "media_starts", "--folder", "."], &["--every day needs --at"]),
        (
            &["x", "media_starts", "--every", "hour", "--at", "06:00", "--folder", "."],
            &["--every hour needs --minute; --at means nothing with --every hour"],
        ),
        (
            &["x", "media_starts", "--every", "week", "--on", "Mo", "--at", "06:00", "--folder", "."],
            &["--on must be one of monday"],
        ),
        (
            &["x", "media_starts", "--at", "06:00", "--range", "1y", "--folder", "."],
            &["--range must be today"],
        ),
        (
            &["x", "media_starts", "--at", "06:00", "--webhook", "http://127.0.0.1/"],
            &["--webhook cannot be used", "webhook_origins"],
        ),
        (&["x", "media_starts", "--at", "06:00"], &["--folder"]),
    ] {
        let err = refused(args);
        for word in words {
            assert!(err.contains(word), "{args:?}: {word}: {err}");
        }
    }
    let refused = playhead(&["schedule", "run", "x", "--data", server.data().to_str().unwrap()]);
    assert_eq!((refused.code, refused.err.contains("--server")), (Some(2), true), "{}", refused.err);
}

#[test]
fn a_server_started_with_a_webhook_that_it_cannot_sign_for() {
    for (args, word) in [
        (&["--webhook-origins", "https://a"][..], "webhook_secret"),
        (&["--webhook-origins", "https://a", "--webhook-secret", "short"], "at least 16 characters"),
        (&["--webhook-origins", "https://a/path"], "is not the origin of a webhook"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let data = data.path().to_str().unwrap();
        let ended = playhead(&[&["serve", "--listen", "127.0.0.1:0", "--data", data], args].concat());
        assert!(
            ended.code == Some(2) && ended.err.contains(word),
            "{args:?}: {:?} {}",
            ended.code,
            ended.err
        );
    }
}

#[test]
fn the_command_could_send_neither_a_panel_nor_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let server = server_with(folder.path());
    let place = ["--server", server.base(), "--token", "0123456789abcdef"];
    let on = |args: &[&str]| playhead(&[&["schedule"], args, &place].concat());
    let panel = ["--panel", "concurrency", "--count", "visitors", "--by", "channel", "--file-format", "png"];
    let when = ["--range", "24h", "--at", "06:00", "--folder", ".", "--format", "json"];
    let added = on(&[&["add", "At once"][..], &panel, &when].concat()).json();
    let parameters = json!({"by": "channel", "count": "visitors"});
    assert_eq!(added["report"], json!({"kind": "concurrency", "parameters": parameters}));
    assert_eq!(added["format"], "png");
    let ran = on(&["run", "At once"]).fine();
    assert!(ran.contains(".png"), "{ran}");
    let refused = on(&[&["add", "x", "media_starts", "--panel", "quality"][..], &when].concat());
    assert_eq!(refused.code, Some(2), "{}", refused.out);
}

#[test]
fn a_font_that_is_none_was_noticed_when_a_picture_was_due() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("font.ttf");
    fs::write(&wrong, "no font").unwrap();
    for (font, words) in [(wrong, "is not a font"), (folder.path().join("gone.ttf"), "cannot be opened")] {
        let font = font.to_str().unwrap();
        let data = folder.path().join("data");
        let serve =
            ["serve", "--listen", "127.0.0.1:0", "--report-font", font, "--data", data.to_str().unwrap()];
        let ended = playhead(&serve);
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        assert!(ended.err.contains("report_font") && ended.err.contains(words), "{}", ended.err);
    }
}
