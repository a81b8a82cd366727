//! Queries that keep all processors busy, or that ended the server, beside collection.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::{ServerProcess, session_start, wait_until};

const START_MS: i64 = 1_793_491_200_000;

fn sql(server: &ServerProcess, query: &str) -> (u16, String) {
    server.post_with_token("/reports/v1/sql", &json!({"query": query}).to_string())
}

#[test]
fn queries_that_do_not_pause_held_up_collection() {
    let server = Arc::new(ServerProcess::start(&["--query-timeout", "20s"]));
    let answered = Arc::new(AtomicUsize::new(0));
    let numbers = "generate_series(1, 300000)";
    let query = format!("select count(*) from {numbers} a, {numbers} b where a.value % 7 = b.value % 11");
    let queries: Vec<_> = (0..4)
        .map(|_| {
            let (server, answered, query) = (server.clone(), answered.clone(), query.clone());
            std::thread::spawn(move || {
                let (status, answer) = sql(&server, &query);
                answered.fetch_add(1, Ordering::SeqCst);
                (status, answer)
            })
        })
        .collect();
    std::thread::sleep(std::time::Duration::from_secs(1));
    for number in 0..10 {
        assert_eq!(server.get("/livez").0, 200);
        let (status, answer) = server.post("/api/v1/sessions", &session_start(START_MS + number).to_string());
        assert_eq!(status, 201, "{answer}");
    }
    assert_eq!(answered.load(Ordering::SeqCst), 0, "collection waited for the queries");
    for query in queries {
        let (status, answer) = query.join().unwrap();
        assert!(status == 200 || answer.contains("took longer than the limit"), "{status} {answer}");
    }
}

#[test]
fn texts_that_nest_by_words_names_and_types_ended_the_server() {
    let server = ServerProcess::start(&["--query-timeout", "5s"]);
    let named = |count: usize, from: &dyn Fn(usize) -> String| {
        let links: String = (1..count).map(|link| format!(", t{link} as ({})", from(link - 1))).collect();
        format!("with t0 as (select 1 as a){links} select * from t{}", count - 1)
    };
    let list = format!("{}Int64{}", "List(".repeat(1_700), ")".repeat(1_700));
    let hostile = [
        format!("{}select 1", "explain ".repeat(400)),
        format!("select {}'1'", "interval ".repeat(500)),
        named(900, &|before| format!("select a from t{before}")),
        named(20, &|before| format!("select x.a from t{before} x, t{before} y")),
        format!("select arrow_cast(1, '{list}')"),
        format!("select arrow_try_cast(1, '{list}')"),
        "select levenshtein(repeat('a', 60000), repeat('b', 60000))".to_owned(),
        "select regexp_replace(repeat('a', 10000000), 'a', repeat('b', 1000), 'g')".to_owned(),
    ];
    let pid = server.pid();
    for query in hostile {
        let (status, answer) = sql(&server, &query);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let is_told = (400..500).contains(&status) || status == 503;
        assert!(is_told, "{status} {answer} to {}", query.chars().take(60).collect::<String>());
    }
    assert_eq!(server.pid(), pid);
    wait_until("the server still counts", || {
        (sql(&server, "select count(*) from sessions").0 == 200).then_some(())
    });
    assert_eq!(server.post("/api/v1/sessions", &session_start(START_MS).to_string()).0, 201);
}
