//! Sessions out of the field, from the test data that the product ships with: what players really send, and the rows that
//! it must give.

use serde_json::{Map, Value, json};

use crate::timelines::{Pace, run};

/// Second 0 of every case, ms since the epoch.
const FIRST_TS_MS: i64 = 1_700_000_000_000;

#[test]
fn every_case_gives_its_row() {
    let folder = format!("{}/../../testdata/cases", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    let mut differences = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            count += 1;
            let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            for difference in differences_of(&case) {
                differences.push(format!("{}: {difference}", path.file_name().unwrap().display()));
            }
        }
    }
    assert!(count >= 7, "the cases are there");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn differences_of(case: &Value) -> Vec<String> {
    let steps: Vec<Value> = case["steps"].as_array().unwrap().iter().map(completed).collect();
    let timeline = json!({"first_ts": FIRST_TS_MS, "steps": steps});
    let mut differences = Vec::new();
    // Where clocks are wrong, it matters when the events arrive.
    let has_wrong_clock = steps.iter().any(|step| step["body"]["playerTime"]["ts"].is_number());
    let paces = if has_wrong_clock { &[Pace::WithPauses][..] } else { &Pace::ALL[..] };
    for &pace in paces {
        let rows = serde_json::to_value(run(&timeline, pace).rows()).unwrap();
        compare(&rows, &case["expect"], &mut differences);
        if let Some(ads) = case["expect_ads"].as_array() {
            let found = rows["ads"].as_array().unwrap();
            assert_eq!(found.len(), ads.len(), "{rows:#}");
            found.iter().zip(ads).for_each(|(found, ad)| compare(found, ad, &mut differences));
        }
        for diagnosis in case["expect_diagnoses"].as_array().into_iter().flatten() {
            if !rows["diagnoses"].as_array().unwrap().contains(diagnosis) {
                differences.push(format!("{diagnosis} is missing among {}", rows["diagnoses"]));
            }
        }
    }
    differences
}

/// A step with the parts that all steps have in common.
fn completed(step: &Value) -> Value {
    let mut body = step["body"].clone();
    body["playerTime"]["playhead"] = step["ph"].clone();
    if body["eventType"] == "sessionStart" {
        let mut params = json!({"media.length": 600, "media.contentType": "vod", "media.id": "film-1"});
        let own = body["params"].as_object().cloned().unwrap_or_default();
        params.as_object_mut().unwrap().extend(own);
        body["params"] = params;
    }
    json!({"at": step["at"], "sleep": step["sleep"], "body": body})
}

fn compare(row: &Value, expected: &Value, differences: &mut Vec<String>) {
    for (column, expected) in expected.as_object().into_iter().flat_map(Map::iter) {
        let found = &row[column];
        let is_expected = match expected.as_array().map(Vec::as_slice) {
            Some([low, high, word]) if word == "between" => {
                let range = low.as_f64().unwrap()..=high.as_f64().unwrap();
                found.as_f64().is_some_and(|found| range.contains(&found))
            }
            _ if expected.is_number() => found.as_f64() == expected.as_f64(),
            _ => found == expected,
        };
        if !is_expected {
            differences.push(format!("{column} is {found}, expected {expected}"));
        }
    }
}
