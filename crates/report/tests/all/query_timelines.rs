//! Reports over the documented timelines.
use playhead_protocol::{Endpoint, Origin, SessionId, Validation, parse_event};
use playhead_session::{Arrival, Engine, Fingerprint, SessionRows, Settings};
use serde_json::{Value, json};

use crate::query_model::evaluate::assert_close;
use crate::query_model::sample::Sample;

const TIMELINES: [&str; 3] = ["1-view-to-end", "2-user-abandons", "3-chapters"];

fn read(name: &str) -> Value {
    let path = format!("{}/../../testdata/timelines/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The rows of a timeline's session, closed.
fn rows(number: u8, name: &str) -> SessionRows {
    let timeline = read(&format!("{name}.json"));
    let first_ms = timeline["first_ts"].as_i64().unwrap();
    let session = SessionId::from_bytes([number; SessionId::LENGTH]);
    let mut engine = Engine::new(Settings::default());
    let mut closed = Vec::new();
    let mut now_ms = first_ms;
    for (sequence, step) in (0_u64..).zip(timeline["steps"].as_array().unwrap()) {
        now_ms = first_ms + (step["at"].as_f64().unwrap() * 1_000.0).round() as i64;
        let mut body = step["body"].clone();
        body["playerTime"]["ts"] = json!(now_ms);
        let body = body.to_string();
        let endpoint = if sequence == 0 { Endpoint::SessionStart } else { Endpoint::Events };
        let event = parse_event(body.as_bytes(), endpoint, Validation::Lenient).unwrap();
        let fingerprint = Fingerprint::of(body.as_bytes());
        let arrival = Arrival { sequence, arrived_at_ms: now_ms, event, fingerprint };
        if sequence == 0 {
            engine.open(session, Origin::COLLECTION_V1, arrival, &mut ());
        } else {
            closed.extend(engine.push(&session, arrival, &mut ()));
        }
    }
    engine.advance_to(now_ms + Settings::default().idle_timeout_ms + 1_000, &mut closed, &mut ());
    assert_eq!(closed.len(), 1);
    closed[0].rows()
}

#[tokio::test]
async fn each_timeline_gives_its_documented_numbers() {
    const COLUMNS: [&str; 22] = [
        "media_start",
        "content_resume",
        "content_start",
        "content_complete",
        "drop_before_start",
        "content_time_spent",
        "ad_time_spent",
        "media_time_spent",
        "unique_time_played",
        "total_pause_duration",
        "total_buffer_duration",
        "total_stall_duration",
        "pause_events",
        "buffer_events",
        "error_events",
        "ad_count",
        "ad_completes",
        "chapter_count",
        "progress_10",
        "progress_75",
        "average_minute_audience",
        "estimated_streams",
    ];
    for (number, name) in (1_u8..).zip(TIMELINES) {
        let expected = read(&format!("{name}.expected.json"));
        let sample = Sample::of(vec![rows(number, name)]).await;
        let response = sample.response(&json!({"metrics": COLUMNS})).await;
        let number = |column: &&str| match &expected[*column] {
            Value::Bool(flag) => json!(u8::from(*flag)),
            Value::Null => json!(0),
            value => value.clone(),
        };
        let expected: Vec<Value> = COLUMNS.iter().map(number).collect();
        assert_close(response["rows"][0].as_array().unwrap(), &expected, name);
    }
}

#[tokio::test]
async fn the_timelines_together_give_the_sums_and_quotients() {
    let expected: Vec<Value> = TIMELINES.iter().map(|name| read(&format!("{name}.expected.json"))).collect();
    let sum = |column: &str| -> f64 {
        let number =
            |row: &Value| row[column].as_f64().unwrap_or(if row[column] == true { 1.0 } else { 0.0 });
        expected.iter().map(number).sum()
    };
    let sample = Sample::of((1_u8..).zip(TIMELINES).map(|(number, name)| rows(number, name)).collect()).await;
    let response = sample
        .response(&json!({"metrics": [
            "sessions", "content_time_spent", "ad_completion_rate", "average_content_time_spent", "rebuffer_ratio",
            "pause_rate", "average_chapter_time_spent"
        ]}))
        .await;
    let chapters: Vec<f64> = expected
        .iter()
        .flat_map(|row| row["chapters"].as_array().unwrap())
        .map(|chapter| chapter["time_played"].as_f64().unwrap())
        .collect();
    let (content, buffer) = (sum("content_time_spent"), sum("total_buffer_duration"));
    let expected = [
        json!(3),
        json!(content),
        json!(sum("ad_completes") / sum("ad_count")),
        json!(content / sum("content_start")),
        json!(buffer / (buffer + content)),
        json!(sum("total_pause_duration") / content),
        json!(chapters.iter().sum::<f64>() / chapters.len() as f64),
    ];
    assert_close(response["rows"][0].as_array().unwrap(), &expected, "all timelines");
    let ads = sample
        .response(&json!({"metrics": ["ad_starts", "ad_completes", "ad_time_spent"], "dimensions": ["ad_id"],
            "order_by": "ad_id", "filters": [{"dimension": "ad_id", "operator": "in", "values": ["002", "003"]}]}))
        .await;
    let played = |id: &str| {
        let views = TIMELINES.iter().map(|name| read(&format!("{name}.expected.json")));
        let views: Vec<Value> = views.flat_map(|row| row["ads"].as_array().unwrap().clone()).collect();
        let views: Vec<&Value> = views.iter().filter(|view| view["ad_id"] == id).collect();
        let completed = views.iter().filter(|view| view["end"] == "completed").count();
        let time: f64 = views.iter().map(|view| view["time_played"].as_f64().unwrap()).sum();
        vec![json!(id), json!(views.len()), json!(completed), json!(time)]
    };
    assert_close(ads["rows"][0].as_array().unwrap(), &played("002"), "ad 002");
    assert_close(ads["rows"][1].as_array().unwrap(), &played("003"), "ad 003");
}
