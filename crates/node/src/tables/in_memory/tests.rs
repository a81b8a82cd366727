//! Rows of open sessions made column by column are those that the whole rows of the sessions have, whatever was sent.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::RecordBatch;
use playhead_lake::{SESSION_TABLES, rows_json};
use playhead_protocol::{Endpoint, Origin, Validation, parse_event};
use playhead_report::engine::wanted::WantedText;
use playhead_session::{Arrival, Fingerprint, Settings};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

const START_MS: i64 = 1_792_886_400_000;

/// Values that sessions of a test have in common, so that filters find some of them.
const TEXTS: [&str; 8] =
    ["a", "A", "", "null", "a long text that several sessions share", "é\u{0}\"\\", "0", "🎬"];

/// Parameters of starts that are texts, and their columns.
const PARAMS: [(&str, &str); 8] = [
    ("media.channel", "channel"),
    ("media.id", "content_id"),
    ("media.name", "content_name"),
    ("media.playerName", "player_name"),
    ("media.contentType", "content_type"),
    ("media.streamType", "stream_type"),
    ("analytics.visitorId", "visitor_id"),
    ("analytics.reportSuite", "report_suite"),
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![6 => prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned), 1 => ".{0,40}"]
}

/// The parameters of a start, of which each may be missing.
fn params() -> impl Strategy<Value = Map<String, Value>> {
    let texts = prop::collection::vec(prop::option::of(text()), PARAMS.len());
    let length = prop::option::of(prop_oneof![Just(0.0), Just(60.0), 0.0..1e9_f64]);
    (texts, length, prop::option::of(any::<bool>())).prop_map(|(texts, length, resume)| {
        let mut params = Map::new();
        for ((name, _), text) in PARAMS.iter().zip(texts) {
            params.extend(text.map(|text| ((*name).to_owned(), text.into())));
        }
        params.extend(length.map(|length| ("media.length".to_owned(), json!(length))));
        params.extend(resume.map(|resume| ("media.resume".to_owned(), resume.into())));
        params
    })
}

/// An event behind the start: which, how long after the one before, how far the playhead goes on, and a number or text of it.
type Later = (&'static str, i64, u8, u16, String);

/// What a session sends: the parameters and the custom metadata of its start, and what follows.
type Course = (Map<String, Value>, Vec<(String, String)>, Vec<Later>);

fn later() -> impl Strategy<Value = Later> {
    let event = prop_oneof![
        Just("play"),
        Just("ping"),
        Just("pauseStart"),
        Just("bufferStart"),
        Just("adBreakStart"),
        Just("adStart"),
        Just("adComplete"),
        Just("adBreakComplete"),
        Just("chapterStart"),
        Just("chapterSkip"),
        Just("error"),
        Just("bitrateChange"),
        Just("statesUpdate"),
        Just("sessionEnd"),
    ];
    (event, 0..60_000_i64, any::<u8>(), any::<u16>(), text())
}

fn body((event, _, _, number, text): &Later, ts: i64, playhead: i64) -> Value {
    let params = match *event {
        "adBreakStart" => {
            json!({"media.ad.podFriendlyName": text, "media.ad.podIndex": number, "media.ad.podSecond": 1})
        }
        "adStart" => {
            json!({"media.ad.name": text, "media.ad.id": "ad", "media.ad.length": number, "media.ad.podPosition": 1,
            "media.ad.playerName": text})
        }
        "chapterStart" => {
            json!({"media.chapter.index": number, "media.chapter.length": 5, "media.chapter.offset": 0})
        }
        _ => json!({}),
    };
    let mut body =
        json!({"playerTime": {"playhead": playhead, "ts": ts}, "eventType": event, "params": params});
    match *event {
        "error" => body["qoeData"] = json!({"media.qoe.errorID": text, "media.qoe.errorSource": "player"}),
        "statesUpdate" => body["states"] = json!({"media.states.start": [{"media.state.name": "mute"}]}),
        _ => body["qoeData"] = json!({"media.qoe.bitrate": number, "media.qoe.timeToStart": number}),
    }
    body
}

/// Opens sessions of these starts with what follows each; those that end are closing.
fn sessions(starts: Vec<Course>) -> Arc<OpenSessions> {
    let open_sessions = OpenSessions::new(Settings { reorder_window_ms: 0, ..Settings::default() });
    let mut sequence = 0;
    let mut arrival = |body: &Value, at_ms: i64, endpoint: Endpoint| {
        sequence += 1;
        let body = body.to_string();
        let event = parse_event(body.as_bytes(), endpoint, Validation::Lenient).ok()?;
        Some(Arrival { sequence, arrived_at_ms: at_ms, event, fingerprint: Fingerprint::of(body.as_bytes()) })
    };
    for (number, (params, metadata, later)) in (0_u8..).zip(starts) {
        let id = SessionId::from_bytes([number; SessionId::LENGTH]);
        let (mut at_ms, mut playhead) = (START_MS + i64::from(number), 0);
        let metadata: Map<String, Value> =
            metadata.into_iter().map(|(key, value)| (key, value.into())).collect();
        let start = json!({"playerTime": {"playhead": 0, "ts": at_ms}, "eventType": "sessionStart", "params": params,
            "customMetadata": metadata});
        let Some(start) = arrival(&start, at_ms, Endpoint::SessionStart) else { continue };
        let mut shard = open_sessions.shard(&id);
        shard.open(id, Origin::COLLECTION_V1, start, &mut ());
        for event in &later {
            at_ms += event.1;
            playhead += i64::from(event.2);
            let Some(arrival) = arrival(&body(event, at_ms, playhead), at_ms, Endpoint::Events) else {
                continue;
            };
            let closed =
                shard.advance_session(&id, at_ms, &mut ()).or_else(|| shard.push(&id, arrival, &mut ()));
            if let Some(closed) = closed {
                open_sessions.closing().insert(id, Arc::new(closed));
                break;
            }
        }
    }
    Arc::new(open_sessions)
}

/// The rows of each session as they are made for a query.
fn made(
    open_sessions: &Arc<OpenSessions>,
    table: Table,
    places: &[usize],
    wanted: &Wanted,
) -> BTreeMap<SessionId, Vec<RecordBatch>> {
    let mut making = Making::new(open_sessions.clone(), table, places, wanted);
    let mut made: BTreeMap<SessionId, Vec<RecordBatch>> = BTreeMap::new();
    while let Some((OpenBatch { sessions, rows }, next)) = making.next_batch().unwrap() {
        assert_eq!(sessions.len(), rows.num_rows());
        for (row, session) in sessions.into_iter().enumerate() {
            made.entry(session).or_default().push(rows.slice(row, 1));
        }
        making = next;
    }
    made
}

/// The same out of the whole rows of the sessions.
fn whole(open_sessions: &OpenSessions, table: Table) -> BTreeMap<SessionId, Vec<RecordBatch>> {
    let mut whole = BTreeMap::new();
    open_sessions.for_each(|session| {
        let mut builder = RowsBuilder::new(table, None);
        builder.push(&session.rows_view());
        let rows = builder.finish().unwrap();
        if rows.num_rows() > 0 {
            whole.insert(session.id(), (0..rows.num_rows()).map(|row| rows.slice(row, 1)).collect());
        }
    });
    whole
}

/// Whether a query that wants these wants this row, by what it shows.
fn passes(row: &Map<String, Value>, wanted: &Wanted) -> bool {
    let started_us = row["started_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_microsecond();
    let id: SessionId = row["session_id"].as_str().unwrap().parse().unwrap();
    let is_open = row["is_open"] == true;
    wanted.state != if is_open { InMemory::Closed } else { InMemory::Open }
        && wanted.sessions.as_ref().is_none_or(|ids| ids.contains(&id))
        && wanted.from_us.is_none_or(|us| us <= started_us)
        && wanted.until_us.is_none_or(|us| us >= started_us)
        && wanted.texts.iter().all(|wanted| {
            row[&wanted.column].as_str().is_some_and(|text| wanted.texts.iter().any(|wanted| wanted == text))
        })
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let state = prop_oneof![Just(InMemory::All), Just(InMemory::Open), Just(InMemory::Closed)];
    let ids = prop::option::weighted(0.3, prop::collection::btree_set(0_u8..40, 0..20));
    let bound = || prop::option::weighted(0.3, 0..40_i64);
    let texts = (prop::sample::select(PARAMS.to_vec()), prop::collection::vec(text(), 1..4));
    let texts = prop::collection::vec(texts, 0..3);
    (state, ids, bound(), bound(), texts).prop_map(|(state, ids, from, until, texts)| Wanted {
        state,
        sessions: ids
            .map(|ids| ids.into_iter().map(|id| SessionId::from_bytes([id; SessionId::LENGTH])).collect()),
        from_us: from.map(|ms| (START_MS + ms) * 1_000),
        until_us: until.map(|ms| (START_MS + ms) * 1_000 - 1),
        texts: texts
            .into_iter()
            .map(|((_, column), texts)| WantedText { column: column.to_owned(), texts })
            .filter(|text| text.param().is_some())
            .collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_column_made_alone_was_another_than_in_the_whole_row(
        starts in prop::collection::vec((params(), prop::collection::vec((text(), text()), 0..3), prop::collection::vec(later(), 0..25)), 1..40),
        choices in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..10), 6),
        wanted in wanted(),
    ) {
        let open_sessions = sessions(starts);
        for table in SESSION_TABLES {
            let whole = whole(&open_sessions, table);
            let count = table.columns().len();
            let chosen = choices.iter().map(|choice| choice.iter().map(|index| index.index(count)).collect());
            // Each column on its own, some together, and all.
            let single = (0..count).map(|place| vec![place]);
            for places in chosen.chain(single).chain([(0..count).collect::<Vec<_>>()]) {
                let made = made(&open_sessions, table, &places, &Wanted::all());
                prop_assert_eq!(made.keys().collect::<BTreeSet<_>>(), whole.keys().collect::<BTreeSet<_>>());
                for (session, rows) in &made {
                    for (made, whole) in rows.iter().zip(&whole[session]) {
                        prop_assert_eq!(made, &whole.project(&places).unwrap());
                    }
                    prop_assert_eq!(rows.len(), whole[session].len());
                }
            }
            let all: Vec<usize> = (0..count).collect();
            let passing = whole.iter().filter(|(_, rows)| {
                passes(&rows_json(table, &rows[0]).unwrap()[0], &wanted)
            });
            let expected: BTreeSet<SessionId> = passing.map(|(session, _)| *session).collect();
            let found: BTreeSet<SessionId> = made(&open_sessions, table, &all, &wanted).into_keys().collect();
            prop_assert_eq!(found, expected, "{:?} of {:?}", &wanted, table);
        }
    }
}
