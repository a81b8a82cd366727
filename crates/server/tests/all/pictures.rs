//! Pictures by schedule: one of each kind of report, drawn of the numbers that the door gives.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;
use playhead_node::kept::schedule::places::Places;
use serde_json::{Value, json};

use crate::support::reports::ask;
use crate::support::{START_MS, Settings, TestServer, event, session_start, settings};

/// The first three colours of lines, and that of bars.
const COLORS: [[u8; 3]; 3] = [[0x34, 0x59, 0xd3], [0xc3, 0x83, 0x2a], [0x00, 0x4f, 0x31]];
const BAR: [u8; 3] = [0xc9, 0xd4, 0xf5];

fn writing_to(folder: &Path) -> Settings {
    let places = Places { folder: Some(folder.to_owned()), ..Places::default() };
    Settings { places, ..settings() }
}

/// Sessions of three channels, some of which fail, over some minutes.
fn watched(settings: Settings) -> TestServer {
    let server = TestServer::start(settings);
    for place in 0..9 {
        let mut start = session_start(START_MS + place * 60_000);
        start["params"]["media.channel"] = json!(["web", "tv", "\u{202e}電視"][place as usize % 3]);
        start["params"]["media.id"] = json!(format!("content-{place}"));
        let sid = server.open(&start);
        let started = json!({"media.qoe.timeToStart": 800 + place * 100});
        let mut play = event("play", 0.0, START_MS + place * 60_000);
        play["qoeData"] = started;
        assert_eq!(server.event(&sid, &play), 204);
        for ping in 1..=3 + place {
            let at_ms = START_MS + place * 60_000 + ping * 10_000;
            assert_eq!(server.event(&sid, &event("ping", ping as f64 * 10.0, at_ms)), 204);
        }
        server.clock.advance(60_000);
    }
    server.clock.advance(2 * 3_600_000 - 9 * 60_000);
    server
}

fn added(server: &TestServer, kind: &str, parameters: &Value, range: &str) -> String {
    let body = json!({"name": format!("{kind} 日報"), "report": {"kind": kind, "parameters": parameters},
        "range": range, "time_zone": "Europe/Berlin", "when": {"every": "day", "at": "06:00"}, "format": "png",
        "to": {"folder": "."}});
    let answer = ask(server, "POST", "schedules", &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// The file that a schedule sends.
fn sent(server: &TestServer, folder: &Path, kind: &str, parameters: &Value, range: &str) -> Vec<u8> {
    let id = added(server, kind, parameters, range);
    let run = ask(server, "POST", &format!("schedules/{id}/run"), &Value::Null).json();
    assert_eq!(run["outcome"], "sent", "{run}");
    let place = run["place"].as_str().unwrap();
    assert!(place.ends_with("_Europe-Berlin.png") || place.contains("_Europe-Berlin-"), "{run}");
    fs::read(folder.join(place)).unwrap()
}

/// The size of a picture, and its pixels.
fn decoded(file: &[u8]) -> (usize, usize, Vec<u8>) {
    assert_eq!(&file[..16], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let (width, height, length) = (number(16), number(20), number(33));
    assert_eq!(&file[37..41], b"IDAT");
    let mut lines = Vec::new();
    ZlibDecoder::new(&file[41..41 + length]).read_to_end(&mut lines).unwrap();
    let pixels = lines.chunks(1 + 3 * width).flat_map(|line| line[1..].to_vec()).collect();
    (width, height, pixels)
}

fn count(file: &[u8], color: [u8; 3]) -> usize {
    decoded(file).2.chunks(3).filter(|pixel| *pixel == color).count()
}

#[test]
fn a_schedule_sent_no_picture_or_one_without_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let server = watched(writing_to(folder.path()));
    let sent =
        |kind: &str, parameters: &Value, range: &str| sent(&server, folder.path(), kind, parameters, range);
    let lines = |file: &[u8]| COLORS.map(|color| count(file, color) > 100);

    let one = sent("series", &json!({"metrics": ["media_starts"]}), "2h");
    assert_eq!((decoded(&one).0, lines(&one)), (1_600, [true, false, false]));
    let by_channel = sent("series", &json!({"metrics": ["media_starts"], "dimensions": ["channel"]}), "2h");
    assert_eq!(lines(&by_channel), [true; 3]);
    let query = json!({"metrics": ["media_starts", "content_time_spent"], "granularity": "minute"});
    let two_charts = sent("query", &query, "2h");
    assert!(decoded(&two_charts).1 > decoded(&one).1 * 9 / 10 && lines(&two_charts) == [true, false, false]);
    let at_once = sent("concurrency", &json!({"by": "channel"}), "2h");
    assert_eq!(lines(&at_once), [true; 3]);
    let quality = sent("quality", &json!({}), "2h");
    assert_eq!(lines(&quality)[..2], [true; 2]);

    let bars = json!({"metrics": ["media_starts", "visitors"], "dimensions": ["channel"]});
    let bars = sent("breakdown", &bars, "2h");
    assert!(count(&bars, BAR) > 1_000 && lines(&bars) == [false; 3]);
    let table = json!({"metrics": ["media_starts"], "dimensions": ["channel", "content_id"], "granularity": "minute"});
    let table = sent("query", &table, "2h");
    assert_eq!((count(&table, BAR), lines(&table)), (0, [false; 3]));
    let nothing = sent("series", &json!({"metrics": ["media_starts"]}), "yesterday");
    assert!(decoded(&nothing).1 < decoded(&one).1 / 2 && lines(&nothing) == [false; 3]);
    server.stop();
}

#[test]
fn a_table_that_was_cut_did_not_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let server = TestServer::start(writing_to(folder.path()));
    let rows = |server: &TestServer| {
        let by_content = json!({"metrics": ["media_starts"], "dimensions": ["content_id"]});
        decoded(&sent(server, folder.path(), "breakdown", &by_content, "2h")).1
    };
    let open = |place: i64| {
        let mut start = session_start(START_MS + place);
        start["params"]["media.id"] = json!(format!("content-{place}"));
        server.open(&start);
    };
    (0..40).for_each(open);
    server.clock.advance(2 * 3_600_000);
    let full = rows(&server);
    (40..43).for_each(open);
    let cut = rows(&server);
    assert!((20..=40).contains(&(cut - full)), "as many rows, and one line of a note: {full} and {cut}");
    server.stop();
}

#[test]
fn a_letter_was_a_box_although_the_operator_has_a_font_for_it() {
    let font: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../picture/tests/two-letters.ttf"].iter().collect();
    let heights = [None, Some(font)].map(|report_font| {
        let folder = tempfile::tempdir().unwrap();
        let server = TestServer::start(Settings { report_font, ..writing_to(folder.path()) });
        let file = sent(&server, folder.path(), "series", &json!({"metrics": ["media_starts"]}), "2h");
        server.stop();
        decoded(&file).1
    });
    assert!(heights[0] > heights[1], "only without the font a note says which setting to make: {heights:?}");
}
