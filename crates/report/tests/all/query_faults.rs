//! A refused query lists all faults together, with their places and the nearest valid names.
use playhead_report::limits;
use playhead_report::{Error, QueryRequest};
use serde_json::{Value, json};

/// The faults of a query, as `place message`.
fn faults(query: &Value) -> Vec<String> {
    faults_of(query.to_string().as_bytes())
}

fn faults_of(body: &[u8]) -> Vec<String> {
    match QueryRequest::parse(body) {
        Err(Error::Invalid(faults)) => {
            faults.into_iter().map(|fault| format!("{} {}", fault.path, fault.message)).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The one fault of a query that is valid except for `change`.
fn fault(change: &Value) -> String {
    let mut query = json!({"metrics": ["sessions"]});
    for (key, value) in change.as_object().unwrap() {
        query[key] = value.clone();
    }
    let faults = faults(&query);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].clone()
}

fn assert_starts(text: &str, start: &str) {
    assert!(text.starts_with(start), "{text}\n does not begin with\n{start}");
}

#[test]
fn all_faults_come_at_once() {
    let found = faults(&json!({
        "metrics": ["contnet_starts", 3], "dimensions": ["chanel"], "filters": [{"dimension": "channel"}],
        "granularity": "hours", "time_zone": "Europe/Berln", "from": "soon", "limit": 0, "segment": "vido", "form": 1,
        "include_open": "yes", "order_by": "-session",
    }));
    assert_eq!(
        found,
        [
            " has an unknown key: \"form\" (did you mean from?)",
            "/time_zone names no time zone: \"Europe/Berln\" (did you mean Europe/Berlin?)",
            "/from is neither a date nor a time: \"soon\"; write 2026-11-01 or 2026-11-01T08:00:00Z",
            "/metrics/1 must be a name",
            "/metrics/0 names no metric: \"contnet_starts\" (did you mean content_starts?)",
            "/dimensions/0 names no dimension: \"chanel\" (did you mean channel?)",
            "/filters/0/operator must be one of =, !=, in, not in, contains, exists, >, >=, <, <=",
            "/segment names no segment: \"vido\" (did you mean video?); other content types are filtered by content_type",
            "/granularity is not a granularity: \"hours\" (did you mean hour?); the granularities are none, minute, hour, day, week, month",
            "/include_open must be true or false",
            "/order_by is not a column of this query: \"session\"; its columns are ",
            "/limit must be a whole number from 1 to 100000",
        ]
    );
}

#[test]
fn bodies_that_are_not_a_query() {
    assert_starts(&faults_of(b"{")[0], " is not JSON: ");
    assert_eq!(faults_of(b"[]"), [" must be an object"]);
    assert_eq!(faults_of(b"{}"), ["/metrics must name at least one metric"]);
    assert_eq!(faults_of(&vec![b' '; limits::QUERY_BYTES + 1]), [" is longer than 1048576 bytes"]);
    assert_starts(
        &faults_of(&[b"{\"filters\":", "[".repeat(100_000).as_bytes()].concat())[0],
        " is not JSON: ",
    );
}

#[test]
fn names_are_limited_and_distinct() {
    let many: Vec<String> = (0..=limits::QUERY_METRICS).map(|index| format!("s{index}_time")).collect();
    assert_eq!(fault(&json!({"metrics": many})), "/metrics holds 51 names; at most 50 are allowed");
    assert_eq!(fault(&json!({"metrics": ["visitors", "visitors"]})), "/metrics/1 names \"visitors\" again");
    assert_eq!(fault(&json!({"metrics": "visitors"})), "/metrics must be a list of names");
    assert_eq!(
        fault(&json!({"dimensions": ["show", "season", "episode", "channel"]})),
        "/dimensions holds 4 names; at most 3 are allowed"
    );
    assert_starts(
        &fault(&json!({"dimensions": ["content_time_spent"]})),
        "/dimensions/0 \"content_time_spent\" is measured",
    );
    assert_starts(
        &fault(&json!({"dimensions": ["custom."]})),
        "/dimensions/0 names no key of custom metadata",
    );
}

#[test]
fn metrics_that_cannot_be_combined_name_those_that_can() {
    let found = fault(&json!({"metrics": ["ad_starts", "content_starts"], "dimensions": ["advertiser"]}));
    assert_eq!(
        found,
        "/metrics/1 cannot be combined: content_starts is counted over sessions, which have no advertiser; metrics \
         with advertiser are sessions, visitors, ad_time_spent, ad_starts, ad_completes, ad_skips, average_ad_time_spent, \
         ad_completion_rate, ad_skip_rate"
    );
    let filters = json!([{"dimension": "error_id", "operator": "exists"}]);
    assert_starts(
        &fault(&json!({"metrics": ["ad_starts"], "filters": filters})),
        "/metrics/0 cannot be combined: ad_starts",
    );
    assert_eq!(
        fault(&json!({"dimensions": ["advertiser", "chapter_name"]})),
        "/dimensions do not occur together in any rows: advertiser (of ads), chapter_name (of chapters)"
    );
    let found = fault(&json!({"metrics": ["average_chapter_time_spent"], "dimensions": ["close_reason"]}));
    assert_starts(
        &found,
        "/metrics/0 cannot be combined: average_chapter_time_spent is counted over chapters, which have no close_reason",
    );
}

#[test]
fn filters_name_their_faults() {
    let filter = |filter: Value| fault(&json!({"filters": [filter]}));
    let test = |dimension: &str, operator: &str, value: Value| {
        filter(json!({"dimension": dimension, "operator": operator, "value": value}))
    };
    assert_eq!(
        test("chanel", "=", json!("a")),
        "/filters/0/dimension names no dimension: \"chanel\" (did you mean channel?)"
    );
    assert_starts(
        &test("channel", "==", json!("a")),
        "/filters/0/operator is not an operator: \"==\" (did you mean =?)",
    );
    assert_starts(
        &test("channel", "Contain", json!("a")),
        "/filters/0/operator is not an operator: \"Contain\" (did you mean contains?)",
    );
    assert_eq!(test("channel", "=", json!(3)), "/filters/0/value must be a text for channel =");
    assert_eq!(
        test("channel", "=", Value::Null),
        "/filters/0/value must be a text for channel =; use exists to test for a value"
    );
    assert_eq!(
        test("downloaded", "=", json!("true")),
        "/filters/0/value must be true or false for downloaded ="
    );
    assert_eq!(
        test("content_length", ">", json!("9")),
        "/filters/0/value must be a number for content_length >"
    );
    assert_eq!(test("ad_count", ">", json!(1.5)), "/filters/0/value must be a whole number for ad_count >");
    assert_starts(
        &test("started_at", ">", json!("never")),
        "/filters/0/value is neither a date nor a time: \"never\"",
    );
    assert_eq!(
        test("channel", "=", json!(["a", "b"])),
        "/filters/0/value must be one value for =; only in and not in take several"
    );
    assert_eq!(test("channel", "exists", json!("a")), "/filters/0/value must be true or false for exists");
    assert_eq!(
        test("downloaded", "<", json!(true)),
        "/filters/0/operator < does not compare boolean, which downloaded is"
    );
    assert_eq!(
        test("diagnoses", ">", json!("a")),
        "/filters/0/operator > does not compare lists of values, which diagnoses is"
    );
    assert_eq!(
        test("content_length", "contains", json!("9")),
        "/filters/0/operator contains does not compare number, which content_length is"
    );
    assert_eq!(
        test("channel", "=", json!("x".repeat(limits::FILTER_TEXT_BYTES + 1))),
        "/filters/0/value is longer than 4096 bytes"
    );
    assert_eq!(filter(json!({"dimension": "channel", "operator": "="})), "/filters/0 needs a value for =");
    assert_eq!(
        filter(json!({"dimension": "channel", "operator": "in", "values": []})),
        "/filters/0/values must hold 1 to 1000 values"
    );
    assert_eq!(
        filter(json!({"dimension": "channel", "operator": "in", "values": ["a", 7]})),
        "/filters/0/values/1 must be a text for channel in"
    );
    assert_eq!(
        filter(json!({"dimension": "channel", "operator": "=", "value": "a", "values": ["a"]})),
        "/filters/0 must hold either value or values"
    );
    assert_starts(
        &filter(json!({"dimension": "channel", "operator": "=", "value": "a", "vaule": "b"})),
        "/filters/0 has an unknown key: \"vaule\" (did you mean value?)",
    );
    assert_eq!(filter(json!({"or": []})), "/filters/0/or must be a list of at least one condition");
    assert_starts(&filter(json!("channel = a")), "/filters/0 must be a condition");
    assert_eq!(fault(&json!({"filters": 3})), "/filters must be a list of conditions");
}

#[test]
fn filters_are_limited_in_depth_and_number() {
    let test = json!({"dimension": "channel", "operator": "=", "value": "a"});
    let deep = |depth: usize| (0..depth).fold(test.clone(), |inner, _| json!({"and": [inner]}));
    let query = json!({"metrics": ["sessions"], "filters": [deep(limits::FILTER_DEPTH)]});
    assert!(QueryRequest::parse(query.to_string().as_bytes()).is_ok());
    let found = fault(&json!({"filters": [deep(limits::FILTER_DEPTH + 1)]}));
    assert!(found.ends_with("/and is nested more than 5 deep"), "{found}");
    let many = vec![test; limits::FILTER_CONDITIONS + 1];
    assert_eq!(fault(&json!({"filters": many})), "/filters holds more than 100 conditions");
}

#[test]
fn orders_name_columns_of_the_query() {
    let order = |order: Value| {
        fault(&json!({"metrics": ["content_starts"], "dimensions": ["channel"], "order_by": order}))
    };
    assert_eq!(
        order(json!("content_stats")),
        "/order_by is not a column of this query: \"content_stats\" (did you mean content_starts?); its columns are \
         channel, content_starts"
    );
    assert_starts(&order(json!(["time"])), "/order_by/0 is not a column of this query: \"time\"");
    assert_eq!(order(json!({"by": "channel", "direction": "up"})), "/order_by/direction must be asc or desc");
    assert_eq!(order(json!([{"direction": "asc"}])), "/order_by/0/by must name a column of this query");
    assert_starts(&order(json!([{"by": "channel", "descending": true}])), "/order_by/0 has an unknown key");
    assert_eq!(order(json!(vec!["channel"; 11])), "/order_by holds 11 columns; at most 10 are allowed");
}

#[test]
fn ranges_and_limits() {
    assert_eq!(fault(&json!({"from": "2026-11-02", "to": "2026-11-01"})), "/to is before from");
    assert_starts(&fault(&json!({"from": 1_700_000_000})), "/from must be a date or a time");
    assert_starts(&fault(&json!({"limit": 100_001})), "/limit must be a whole number from 1 to 100000");
    assert_starts(&fault(&json!({"limit": -1})), "/limit must be");
    assert_eq!(
        fault(&json!({"time_zone": 2})),
        "/time_zone must be the name of a time zone, such as \"Europe/Berlin\""
    );
    assert_eq!(fault(&json!({"segment": 2})), "/segment must be the name of a segment");
}
