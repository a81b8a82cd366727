//! Live numbers with filters: what they count, that the parts add up, and what is refused.

use form_urlencoded::byte_serialize;
use playhead_node::limits::LIVE_FILTERS;
use playhead_protocol::Validation;
use serde_json::{Value, json};

use crate::live::Stream;
use crate::support::{START_MS, Settings, TestServer, event, session_start, settings};

/// Suite, channel, content, player, visitor, and what the player does after its start: P plays, B buffers, nothing, or S is
/// silent. The visitor of the first three is one.
const SESSIONS: [[&str; 6]; 12] = [
    ["shop", "news", "film", "web", "anna", "P"],
    ["shop", "sport", "film", "tv", "anna", "P"],
    ["club", "news", "show", "web", "anna", "B"],
    ["shop", "news", "show", "phone", "otto", ""],
    ["shop", "", "film", "web", "ines", "P"],
    ["club", "sport", "film", "phone", "otto", "P"],
    ["club", "sport", "match", "tv", "emil", "P"],
    ["club", "Sport", "match", "tv", "emil", "B"],
    ["shop", "news", "film", "web", "karl", "S"],
    ["club", "news", "show", "tv", "karl", "S"],
    ["shop", "news", "match", "phone", "", "P"],
    ["club", "", "match", "phone", "", "P"],
];

const COUNTS: [&str; 6] = [
    "sessions_active",
    "sessions_playing",
    "sessions_buffering",
    "sessions_silent",
    "viewers_active",
    "viewers_playing",
];
const HAPPENED: [&str; 4] = ["media_starts", "events", "errors", "buffer_events"];

/// Sessions may leave out their channel.
fn lenient() -> Settings {
    Settings { validation: Validation::Lenient, ..settings() }
}

fn open(server: &TestServer, [suite, channel, content, player, visitor, _]: [&str; 6]) -> String {
    let mut start = session_start(START_MS);
    let params = start["params"].as_object_mut().unwrap();
    params.insert("analytics.reportSuite".into(), json!(suite));
    params.insert("media.id".into(), json!(content));
    params.insert("media.name".into(), json!(format!("{content} of {suite}")));
    params.insert("media.playerName".into(), json!(player));
    params.remove("media.channel");
    if !channel.is_empty() {
        params.insert("media.channel".into(), json!(channel));
    }
    if !visitor.is_empty() {
        params.insert("visitor.marketingCloudUserId".into(), json!(visitor));
    }
    server.open(&start)
}

/// Opens all sessions; those that are to be silent send nothing for long enough.
fn open_all(server: &TestServer) {
    let act = |sid: &str, event_type: &str, at_ms: i64| {
        assert_eq!(server.event(sid, &event(event_type, 0.0, at_ms)), 204);
    };
    let sids = SESSIONS.map(|session| open(server, session));
    server.clock.advance(60_000);
    for (sid, [.., what]) in sids.iter().zip(SESSIONS) {
        match what {
            "P" => act(sid, "play", START_MS + 60_000),
            "B" => act(sid, "bufferStart", START_MS + 60_000),
            "" => act(sid, "ping", START_MS + 60_000),
            _ => {}
        }
    }
    let mut error = event("error", 0.0, START_MS + 60_001);
    error["qoeData"] = json!({"media.qoe.errorID": "e1", "media.qoe.errorSource": "player"});
    assert_eq!(server.event(&sids[1], &error), 204);
    server.clock.advance(7_000);
}

fn query_of(filters: &Value) -> String {
    format!("?filters={}", byte_serialize(filters.to_string().as_bytes()).collect::<String>())
}

fn number(sample: &Value, name: &str) -> u64 {
    sample[name].as_u64().unwrap_or_else(|| panic!("no {name}: {sample}"))
}

/// The counts over the sessions that a filter written in Rust lets through.
fn counted_by_hand(admits: impl Fn(&[&str; 6]) -> bool) -> [u64; 6] {
    let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<(usize, [&str; 6])> {
        let sessions = SESSIONS.into_iter().enumerate();
        sessions.filter(|(_, session)| admits(session) && wanted(session[5])).collect()
    };
    let viewers = |sessions: &[(usize, [&str; 6])]| {
        let mut viewers: Vec<String> = sessions
            .iter()
            .map(|(place, session)| if session[4].is_empty() { place.to_string() } else { session[4].into() })
            .collect();
        viewers.sort();
        viewers.dedup();
        viewers.len()
    };
    let (active, playing) = (of(&|what| what != "S"), of(&|what| what == "P"));
    let (buffering, silent) = (of(&|what| what == "B"), of(&|what| what == "S"));
    [active.len(), playing.len(), buffering.len(), silent.len(), viewers(&active), viewers(&playing)]
        .map(|count| count as u64)
}

fn counts(sample: &Value) -> [u64; 6] {
    COUNTS.map(|name| number(sample, name))
}

fn is(dimension: &str, value: &str) -> Value {
    json!([{"dimension": dimension, "operator": "=", "value": value}])
}

/// What reports say of the moment of a sample: sessions active and playing, and visitors.
fn reported(server: &TestServer, query: &str) -> [u64; 4] {
    let at_ms = START_MS + 67_000;
    let range = [at_ms, at_ms + 1_000].map(playhead_session::rfc3339);
    let query = query.replace('?', "&");
    [("sessions", "active"), ("sessions", "playing"), ("visitors", "active"), ("visitors", "playing")].map(
        |(count, state)| {
            let [from, to] = &range;
            let path = format!(
                "/reports/v1/concurrency?from={from}&to={to}&granularity=second&count={count}&state={state}{query}"
            );
            let answer = server.get(&path);
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()["values"][0].as_u64().unwrap()
        },
    )
}

#[test]
fn filtered_streams_add_up_to_the_one_without_filters() {
    let server = TestServer::start(lenient());
    let dimensions =
        [(0, "report_suite", &["shop", "club"][..]), (3, "player_name", &["web", "tv", "phone"])];
    let mut all = Stream::open(&server);
    let mut parts: Vec<Vec<Stream>> = dimensions
        .iter()
        .map(|(_, name, values)| {
            let one = |value: &&str| Stream::open_with(&server, &format!("?{name}={value}")).unwrap();
            values.iter().map(one).collect()
        })
        .collect();
    // Their first samples say that they are counted for.
    for stream in parts.iter_mut().flatten() {
        assert_eq!(counts(&stream.sample().unwrap()), [0; 6]);
    }
    open_all(&server);
    let expected = counted_by_hand(|_| true);
    all.sample_when("all are counted", |sample| counts(sample) == expected);
    for ((place, name, values), streams) in dimensions.iter().zip(&mut parts) {
        let mut sums = [0; 6];
        for (value, stream) in values.iter().zip(streams) {
            let expected = counted_by_hand(|session| session[*place] == *value);
            let sample = stream
                .sample_when(&format!("{name} {value}: {expected:?}"), |sample| counts(sample) == expected);
            assert_eq!(sample["refused"], json!(null));
            let names = sample["content"]
                .as_array()
                .unwrap()
                .iter()
                .map(|content| content["content_name"].as_str().unwrap());
            let foreign: Vec<_> =
                names.filter(|title| *name == "report_suite" && !title.ends_with(value)).collect();
            assert!(foreign.is_empty(), "names that others gave: {foreign:?}");
            COUNTS.iter().zip(&mut sums).for_each(|(name, sum)| *sum += number(&sample, name));
        }
        // A visitor of two parts counts in both, and once in the whole.
        assert_eq!(sums[..4], expected[..4], "{name}");
        assert!(sums[4] >= expected[4] && sums[5] >= expected[5], "{name}");
    }
    let total = |query: &str| {
        let history = server.get(&format!("/reports/v1/live/history{query}")).json();
        HAPPENED.map(|name| {
            history[name].as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).sum::<u64>()
        })
    };
    let expected = total("");
    assert_eq!(expected, [12, 12 + 10 + 1, 1, 2]);
    for (_, name, values) in dimensions {
        let parts = values.iter().map(|value| total(&format!("?{name}={value}")));
        let sum = parts.reduce(|one, other| std::array::from_fn(|place| one[place] + other[place]));
        assert_eq!(sum.unwrap(), expected, "{name}");
    }
    server.stop();
}

#[test]
fn a_filtered_stream_counted_other_sessions_than_a_report_with_the_filter() {
    let server = TestServer::start(lenient());
    open_all(&server);
    let is_in = |dimension: &str, operator: &str, values: &[&str]| json!({"dimension": dimension, "operator": operator, "values": values});
    let has = |dimension: &str, operator: &str, value: Value| json!({"dimension": dimension, "operator": operator, "value": value});
    type Admits = fn(&[&str; 6]) -> bool;
    let filters: [(Value, Admits); 10] = [
        (json!([]), |_| true),
        (is("channel", "sport"), |session| session[1] == "sport"),
        (json!([has("channel", "!=", json!("sport"))]), |session| session[1] != "sport"),
        (json!([has("channel", "contains", json!("SPOR"))]), |session| session[1].to_lowercase() == "sport"),
        (json!([has("channel", "exists", json!(false))]), |session| session[1].is_empty()),
        (json!([has("channel", ">", json!("news"))]), |session| session[1] > "news"),
        (json!([is_in("content_id", "in", &["film", "match", "none"])]), |session| session[2] != "show"),
        (
            json!([is_in("content_id", "not in", &["film"]), has("player_name", "=", json!("tv"))]),
            |session| session[2] != "film" && session[3] == "tv",
        ),
        (
            json!([{"or": [has("report_suite", "=", json!("shop")),
                {"and": [has("channel", "=", json!("sport")), has("content_type", "=", json!("VOD"))]}]}]),
            |session| session[0] == "shop" || session[1] == "sport",
        ),
        (is("content_id", "unknown \u{1f3ac}"), |_| false),
    ];
    for (filters, admits) in filters {
        let query = query_of(&filters);
        let mut stream = Stream::open_with(&server, &query).unwrap();
        let expected = counted_by_hand(admits);
        let sample =
            stream.sample_when(&format!("{filters}: {expected:?}"), |sample| counts(sample) == expected);
        let [active, playing, _, _, viewers, viewers_playing] = expected;
        assert_eq!(reported(&server, &query), [active, playing, viewers, viewers_playing], "{filters}");
        let listed = server.get(&format!("/reports/v1/sessions{query}&open=true&limit=50")).json();
        let listed = listed["sessions"].as_array().unwrap().len() as u64;
        assert_eq!(
            listed,
            active + number(&sample, "sessions_silent"),
            "the list of open sessions: {filters}"
        );
        let contents = sample["content"].as_array().unwrap();
        let listed: u64 = contents.iter().map(|content| number(content, "sessions_active")).sum();
        assert_eq!((listed, number(&sample, "content_count")), (active, contents.len() as u64), "{filters}");
    }
    server.stop();
}

#[test]
fn the_history_of_a_report_suite_began_when_somebody_watched_it() {
    let server = TestServer::start(lenient());
    open_all(&server);
    let column = |query: &str, name: &str| {
        let history = server.get(&format!("/reports/v1/live/history{query}")).json();
        history[name].as_array().unwrap().clone()
    };
    let counted = |query: &str| column(query, "sessions_active").iter().filter_map(Value::as_u64).max();
    let mut all = Stream::open(&server);
    all.sample_when("all are counted", |sample| number(sample, "sessions_active") == 10);
    // Nobody has watched either: a suite has a history all the same, and a channel begins with its first watcher.
    assert_eq!(counted("?report_suite=shop"), Some(5));
    assert_eq!(counted(&query_of(&is("report_suite", "club"))), Some(5));
    assert_eq!(column("?channel=news", "at"), Vec::<Value>::new());
    assert_eq!(column("?report_suite=unknown", "at"), Vec::<Value>::new());
    let mut news = Stream::open_with(&server, "?channel=news").unwrap();
    news.sample_when("news are counted", |sample| number(sample, "sessions_active") == 4);
    assert_eq!(counted("?channel=news"), Some(4));
    drop(news);
    assert_eq!(counted("?channel=news"), Some(4), "a page that is loaded anew has its history");
    server.stop();
}

#[test]
fn filters_that_do_not_exist_were_taken() {
    let server = TestServer::start(lenient());
    let faults = |query: &str| -> Vec<(String, String)> {
        let answers = ["", "/history"].map(|path| server.get(&format!("/reports/v1/live{path}{query}")));
        let [one, other] = answers;
        assert_eq!((one.status, one.json()), (400, other.json()), "{query}");
        let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
        let faults = one.json();
        let faults = faults["errors"].as_array().unwrap().clone();
        faults.iter().map(|fault| (text(fault, "path"), text(fault, "message"))).collect()
    };
    let unknown = faults("?chanel=news&filter=x&content_id=film");
    assert_eq!(unknown.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["?chanel", "?filter"]);
    assert!(unknown[0].1.contains("did you mean channel?"), "{unknown:?}");
    assert!(unknown[1].1.contains("did you mean filters?"), "{unknown:?}");
    let dimension = faults(&query_of(&json!([
        {"dimension": "player", "operator": "=", "value": "tv"},
        {"dimension": "content_time_spent", "operator": ">", "value": 1},
        {"dimension": "channel", "operator": "is", "value": "news"},
    ])));
    let paths: Vec<_> = dimension.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["?filters/0/dimension", "?filters/2/operator", "?filters/1/dimension"]);
    assert!(faults("?filters=channel")[0].1.starts_with("is not JSON"));
    assert!(faults("?channel=a&channel=b")[0].1.contains("twice"));
    server.stop();
}

#[test]
fn a_thousand_watchers_with_as_many_filters_were_all_counted_for() {
    let server = TestServer::start(lenient());
    let mut streams = Vec::new();
    let mut refused = 0;
    for name in 0..1_000 {
        match Stream::open_with(&server, &format!("?channel={name}")) {
            Ok(stream) => streams.push(stream),
            Err(answer) => {
                assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{answer:?}");
                assert!(
                    answer.json()["message"].as_str().unwrap().contains(&format!(
                        "different filters of live numbers are watched (at most {LIVE_FILTERS}"
                    )),
                    "{answer:?}"
                );
                refused += 1;
            }
        }
    }
    assert_eq!((streams.len(), refused), (LIVE_FILTERS, 1_000 - LIVE_FILTERS));
    for stream in &mut streams {
        assert_eq!(stream.sample().unwrap()["sessions_active"], 0);
    }
    // One filter may have many watchers, and everything needs none.
    assert!(Stream::open_with(&server, "?channel=7").is_ok());
    assert!(Stream::open(&server).sample().is_some());
    drop(streams.pop());
    server.wait_until("a filter has left", |server| Stream::open_with(server, "?channel=new").is_ok());
    server.stop();
}
