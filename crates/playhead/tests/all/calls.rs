//! Invalid calls, and the messages of the command about them.

use crate::support::{binary, playhead, run};
use serde_json::Value;

/// Runs a call that must be refused as invalid, and returns its message.
fn refused(args: &[&str]) -> String {
    let ended = playhead(args);
    assert_eq!(ended.code, Some(2), "{args:?}: {}{}", ended.out, ended.err);
    assert_eq!(ended.out, "", "{args:?}");
    ended.err
}

#[test]
fn without_a_command_the_help_is_shown() {
    let help = refused(&[]);
    for part in ["serve", "replay", "sessions", "Examples:", "Exit codes"] {
        assert!(help.contains(part), "{help}");
    }
    assert_eq!(playhead(&["--version"]).fine(), format!("playhead {}\n", env!("CARGO_PKG_VERSION")));
    assert!(playhead(&["replay", "--help"]).fine().contains("first_ts"));
}

#[test]
fn recordings_that_cannot_be_used_are_named_before_anything_is_sent() {
    let directory = tempfile::tempdir().unwrap();
    let cases = [
        ("not-json.json", "{\n  \"steps\": x", "is not JSON: expected value at line 2 column 12"),
        ("empty.json", "\n", "is empty"),
        ("no-start.json", "[{\"eventType\": \"ping\"}]", "has no sessionStart: the first event is ping"),
    ];
    for (name, text, reason) in cases {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        let said = refused(&["replay", path.to_str().unwrap()]);
        assert_eq!(said, format!("playhead: {}: {reason}\n", path.display()));
    }
    let missing = directory.path().join("missing.json");
    let said = refused(&["replay", missing.to_str().unwrap()]);
    assert!(said.starts_with(&format!("playhead: cannot read {}: ", missing.display())), "{said}");
}

#[test]
fn wrong_settings_are_named_with_their_place() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("playhead.toml");
    std::fs::write(&config, "idle_timout = \"5s\"\n").unwrap();
    let said = refused(&["serve", "--config", config.to_str().unwrap()]);
    let expected = "the key `idle_timout` is unknown (did you mean idle_timeout?)";
    assert_eq!(said, format!("playhead: {}: {expected}\n", config.display()));

    let said = refused(&["serve", "--idle-timeout=-5s"]);
    assert!(said.contains("--idle-timeout") && said.contains("it is negative"), "{said}");
    let said = refused(&["serve", "--admin-token", "0123456789abcdef", "--new-admin-token"]);
    assert!(said.contains("--new-admin-token cannot be used while admin_token is set (flag)"), "{said}");

    let data = directory.path().join("data");
    let said = refused(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--admin-token",
        "short",
        "--data",
        data.to_str().unwrap(),
    ]);
    assert!(said.contains("at least 16 characters"), "{said}");

    let ended = run(binary().env("PLAYHEAD_LISEN", "127.0.0.1:1").args(["serve", "--print-config"]));
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("PLAYHEAD_LISEN is unknown (did you mean PLAYHEAD_LISTEN?)"), "{}", ended.err);
}

#[test]
fn a_directory_without_a_journal_is_a_finding() {
    let directory = tempfile::tempdir().unwrap();
    let ended = playhead(&["sessions", "--data", directory.path().to_str().unwrap()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("there is no journal at"), "{}", ended.err);
}

#[test]
fn the_printed_configuration_gives_the_same_settings() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("playhead.toml");
    std::fs::write(&config, "reorder_window = \"2s\"\nreport_suites = [\"a\", \"b\"]\n").unwrap();
    let config = config.to_str().unwrap();
    let first = run(binary()
        .env("PLAYHEAD_IDLE_TIMEOUT", "90s")
        .env("PLAYHEAD_ADMIN_TOKEN", "0123456789abcdef")
        .args(["serve", "--print-config", "--config", config, "--connections", "77"]));
    let first = first.fine();
    for part in [
        "# From: file\nreorder_window = \"2s\"\n",
        "# From: environment\nidle_timeout = \"90s\"\n",
        "# From: flag\nconnections = 77\n",
        "# From: default\nlisten = \"127.0.0.1:8080\"\n",
        "# From: environment\n# admin_token = (set)\n",
    ] {
        assert!(first.contains(part), "{part} is missing in\n{first}");
    }
    assert!(!first.contains("0123456789abcdef"));
    let printed = directory.path().join("printed.toml");
    std::fs::write(&printed, &first).unwrap();
    let second = playhead(&["serve", "--print-config", "--config", printed.to_str().unwrap()]).fine();
    let values = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    };
    assert_eq!(values(&second), values(&first));
    assert!(!second.contains("# From: environment"), "{second}");
}

/// `sessions` finds the data of `serve` if the environment names the directory.
#[test]
fn the_data_directory_can_come_from_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = crate::support::ServerProcess::start_on(&data, &[]);
    let mut command = binary();
    let ended = run(command.env("PLAYHEAD_DATA", server.data()).args(["sessions", "--format", "json"]));
    let page: Value = ended.json();
    assert_eq!(page["sessions"], serde_json::json!([]));
}
