//! SQL that tools write by themselves and the engine refused, each with the answer that PostgreSQL gives.

use playhead_report::EngineSettings;
use serde_json::{Value, json};

use crate::sql::{json_of, refusal, reports};

async fn first_cells(cases: &[(&str, Value)]) {
    let reports = reports(EngineSettings::default()).await;
    for (query, expected) in cases {
        let response = json_of(&reports, query).await;
        assert_eq!(response["rows"][0][0], *expected, "{query}");
    }
}

#[tokio::test]
async fn format_was_not_there() {
    first_cells(&[
        ("select format('%s and %s', 'a', 2)", json!("a and 2")),
        ("select format('%I.%I', 'public', 'Odd \"name\"')", json!("public.\"Odd \"\"name\"\"\"")),
        ("select format('%I %I', 'plain_1', 'select')", json!("plain_1 \"select\"")),
        ("select format('%L %L', 'it''s', null)", json!("'it''s' NULL")),
        ("select format('%2$s %1$s %%', 'a', 'b')", json!("b a %")),
        ("select format('[%5s] [%-5s]', 'ab', 'cd')", json!("[   ab] [cd   ]")),
        ("select format('[%s]', null)", json!("[]")),
    ])
    .await;
    let reports = reports(EngineSettings::default()).await;
    for (query, said) in [
        ("select format('%s %s', 'a')", "too few arguments"),
        ("select format('%', 'a')", "unterminated"),
        ("select format('%d', 1)", "unrecognized format() type specifier \"d\""),
        ("select format('%I', null)", "identifier"),
        ("select format('%2000000000s', 'a')", "10000 characters wide"),
    ] {
        let error = refusal(&reports, query).await;
        assert!(error.contains(said), "{query}: {error}");
    }
}

#[tokio::test]
async fn json_build_object_was_not_there() {
    first_cells(&[
        (
            "select json_build_object('always', 1 = 1, 'start', 2, 'name', 'it \"is\"', 'none', null)",
            json!(r#"{"always" : true, "start" : 2, "name" : "it \"is\"", "none" : null}"#),
        ),
        ("select json_build_object()", json!("{}")),
    ])
    .await;
    let reports = reports(EngineSettings::default()).await;
    let error = refusal(&reports, "select json_build_object('a')").await;
    assert!(error.contains("even number"), "{error}");
}

#[tokio::test]
async fn like_took_no_escape_character_but_the_backslash() {
    first_cells(&[
        ("select 'pg_a' like 'pg/_%' escape '/'", json!(true)),
        ("select 'pgxa' like 'pg/_%' escape '/'", json!(false)),
        ("select 'pgxa' not like 'pg/_' || '%' escape '/'", json!(true)),
        (r"select 'a\b' like 'a\b' escape '!'", json!(true)),
        (r"select 'a\b' like 'a\b' escape ''", json!(true)),
        ("select 'A%' ilike 'a!%' escape '!'", json!(true)),
        (r"select 'a_b' like 'a\_b' escape '\'", json!(true)),
    ])
    .await;
}

#[tokio::test]
async fn make_interval_took_no_names() {
    first_cells(&[
        ("select timestamp '2026-11-30 10:00:00' - make_interval(secs => 7) = timestamp '2026-11-30 09:59:53'", json!(true)),
        ("select timestamp '2026-11-30 10:00:00' + make_interval(0, 1, mins => 5) = timestamp '2026-12-30 10:05:00'", json!(true)),
    ])
    .await;
    let reports = reports(EngineSettings::default()).await;
    let error = refusal(&reports, "select make_interval(eons => 1)").await;
    assert!(error.contains("named arguments"), "{error}");
}
