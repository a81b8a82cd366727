//! What people keep on a server outlives it: a kill, and a backup that is put back elsewhere.

use serde_json::{Value, json};

use crate::support::{ServerProcess, playhead};

const ARGS: [&str; 4] = ["--lake-interval", "1h", "--admin-token", "0123456789abcdef"];

fn add(server: &ServerProcess, kind: &str, body: &Value) -> Value {
    let (status, kept) = server.post_with_token(&format!("/reports/v1/{kind}"), &body.to_string());
    assert_eq!(status, 201, "{kept}");
    serde_json::from_str(&kept).unwrap()
}

fn all(server: &ServerProcess) -> Vec<Value> {
    ["views", "boards", "annotations"].map(|kind| server.get_json(&format!("/reports/v1/{kind}"))).to_vec()
}

#[test]
fn a_view_was_lost_in_a_kill_right_behind_its_response() {
    let mut server = ServerProcess::start(&ARGS);
    let mut kept = Vec::new();
    for round in 0..5 {
        kept.push(add(
            &server,
            "views",
            &json!({"name": format!("{round}"), "address": "/overview?range=30d"}),
        ));
        server.kill9();
        server = server.restart();
        assert_eq!(server.get_json("/reports/v1/views")["views"], json!(kept));
    }
}

#[test]
fn what_people_keep_was_missing_in_a_backup() {
    let server = ServerProcess::start(&ARGS);
    add(&server, "views", &json!({"name": "a view", "address": "/quality"}));
    let panel = json!({"title": "Starts", "kind": "series", "parameters": {"metrics": ["media_starts"]}});
    let board = add(&server, "boards", &json!({"name": "a board", "panels": [panel]}));
    add(
        &server,
        "annotations",
        &json!({"at": "2026-11-01T00:00:00Z", "text": "release 4.2", "kind": "release"}),
    );
    let before = all(&server);
    let folder = tempfile::tempdir().unwrap();
    let (backup, data) = (folder.path().join("backup"), folder.path().join("data"));
    let (backup, data) = (backup.to_str().unwrap(), data.to_str().unwrap());
    // Tables there are from the first upkeep on.
    assert_eq!(server.post_with_token("/reports/v1/maintenance", "").0, 200);
    playhead(&["backup", "--data", server.data().to_str().unwrap(), "--to", backup]).fine();
    add(&server, "views", &json!({"name": "later", "address": "/"}));
    playhead(&["restore", "--from", backup, "--data", data]).fine();
    let restored = ServerProcess::start_on(data.as_ref(), &ARGS);
    assert_eq!(all(&restored), before);
    let path = format!("/reports/v1/boards/{}", board["id"].as_str().unwrap());
    assert_eq!(restored.get_json(&path)["panels"], json!([panel]));
    let verified = playhead(&["verify", "--format", "json", "--data", data]).json();
    assert_eq!(verified["findings"], json!([]));
}

#[test]
fn the_command_said_other_annotations_of_a_directory_than_of_its_server() {
    let server = ServerProcess::start(&ARGS);
    let (base, data) = (server.base().to_owned(), server.data().to_str().unwrap().to_owned());
    let on_server = |args: &[&str]| {
        let place = ["--server", &*base, "--token", "0123456789abcdef", "--format", "json"];
        playhead(&[&["annotate"], args, &place].concat())
    };
    let on_directory = |args: &[&str]| playhead(&[&["annotate"], args, &["--data", &*data]].concat());
    let kept = on_server(&[
        "player 4.2",
        "--kind",
        "release",
        "--at",
        "2026-11-01T10:00:00+01:00",
        "--report-suite",
        "web",
    ])
    .json();
    assert_eq!((&kept["at"], &kept["kind"]), (&json!("2026-11-01T09:00:00.000Z"), &json!("release")));
    assert_eq!(on_server(&[]).json()["annotations"], json!([kept]));
    assert_eq!(on_directory(&["--format", "json"]).json(), on_server(&[]).json());
    let listed = on_directory(&[]).fine();
    assert!(listed.contains("player 4.2") && listed.contains("web"), "{listed}");

    let refused = on_directory(&["by hand"]);
    assert_eq!((refused.code, refused.err.contains("--server")), (Some(2), true), "{}", refused.err);
    let invalid = on_server(&["ends first", "--at", "2026-11-02T00:00:00Z", "--to", "2026-11-01T00:00:00Z"]);
    assert_eq!(
        (invalid.code, invalid.err.contains("/to must be later than at")),
        (Some(2), true),
        "{}",
        invalid.err
    );
    let elsewhere = on_server(&["--remove", "../views/1"]);
    assert_eq!(elsewhere.code, Some(2), "{}", elsewhere.err);
    on_server(&["--remove", kept["id"].as_str().unwrap()]).fine();
    assert_eq!(on_directory(&[]).fine().trim(), "there are no annotations");
}
