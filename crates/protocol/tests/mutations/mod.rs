//! Bodies that are nearly sound, from a seed: a sound body of some event type with up to three changes.

use playhead_protocol::{EventType, PARAMS};
use serde_json::{Value, json};

use crate::bodies::{event_type_of, full, minimal};

/// A body made from a seed; the same seed makes the same body on every machine.
pub(crate) fn body_of_seed(seed: u64) -> Value {
    let mut mutator = Mutator { state: seed };
    // Most rules are about starts.
    let event_type =
        if mutator.below(4) == 0 { EventType::SessionStart } else { *mutator.pick(EventType::ALL) };
    let mut body = if mutator.below(2) == 0 { minimal(event_type) } else { full(event_type) };
    for _ in 0..mutator.below(4) {
        mutator.change(&mut body);
    }
    body
}

/// SplitMix64: small, and fixed for all time by its definition.
struct Mutator {
    state: u64,
}

impl Mutator {
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    fn change(&mut self, body: &mut Value) {
        let mut pointers = Vec::new();
        collect_pointers(body, String::new(), &mut pointers);
        let Some((parent, key)) =
            self.pick(&pointers).rsplit_once('/').map(|(parent, key)| (parent, key.to_owned()))
        else {
            return;
        };
        let parent = body.pointer_mut(parent).unwrap();
        match self.below(11) {
            0 | 1 => remove(parent, &key),
            2 | 3 => set(parent, &key, self.value()),
            4 => {
                let value = self.value_like(parent.get(&key).unwrap_or(&Value::Null));
                set(parent, &key, value);
            }
            5 => self.change_start(body),
            6 => self.change_params(body),
            7 => self.change_customer_ids(body),
            8 => {
                set(body, ["params", "qoeData", "customMetadata", "playerTime"][self.below(4)], self.value());
            }
            _ => {
                let added = self.key();
                let value = self.value();
                let place = *self.pick(if event_type_of(body) == EventType::StatesUpdate {
                    &["/params", "/params/statesStart/0", "/params/statesEnd/0"][..]
                } else {
                    &["", "/params", "/qoeData", "/customMetadata", "/playerTime"]
                });
                if let Some(place) = body.pointer_mut(place) {
                    set(place, &added, value);
                }
            }
        }
    }

    /// Aims at the rule that ties the playhead of a start to the kind of content.
    fn change_start(&mut self, body: &mut Value) {
        let playheads =
            [json!(-1), json!(-0.0), json!(60), json!(60.5), json!(86_399.5), json!(86_400), json!(1e18)];
        set(&mut body["playerTime"], "playhead", self.pick(&playheads).clone());
        let types =
            [json!("live"), json!("LINEAR"), json!("vod"), json!("live\n"), json!("alive"), Value::Null];
        let content_type = self.pick(&types).clone();
        if let Some(params) = body.get_mut("params") {
            set(params, "media.contentType", content_type);
        }
    }

    /// Aims at the one documented object, which chance alone hardly ever hits with an object.
    fn change_customer_ids(&mut self, body: &mut Value) {
        let members = [
            Value::Null,
            json!("c1"),
            json!({}),
            json!({ "id": "c1", "authState": 0 }),
            json!({ "id": null, "authState": 2.0, "own": [1] }),
            json!({ "id": 1 }),
            json!({ "authState": 3 }),
            json!({ "authState": -1 }),
            json!({ "authState": 0.5 }),
            json!({ "authState": "1" }),
        ];
        let member = self.pick(&members).clone();
        if let Some(params) = body.get_mut("params") {
            set(params, "visitor.customerIDs", json!({ "any name/~": member }));
        }
    }

    /// Gives a documented parameter, of whichever event, another value.
    fn change_params(&mut self, body: &mut Value) {
        let key = self.pick(PARAMS).key;
        let value = self.value();
        if let Some(params) = body.get_mut("params") {
            set(params, key, value);
        }
    }

    fn key(&mut self) -> String {
        let keys = [
            "unknown",
            "not a key",
            "media.name",
            "media.id",
            "media.qoe.bitrate",
            "statesStart",
            "",
            "é",
            "~/",
        ];
        (*self.pick(&keys)).to_owned()
    }

    /// A value of the same type, so that the rules beyond the type are reached.
    fn value_like(&mut self, current: &Value) -> Value {
        let texts = [json!(""), json!("text"), json!("two words")];
        let numbers = [json!(0), json!(-1), json!(1.5), json!(10.0), json!(9_007_199_254_740_992_i64)];
        match current {
            Value::String(_) => self.pick(&texts).clone(),
            Value::Number(_) => self.pick(&numbers).clone(),
            Value::Bool(value) => json!(!value),
            _ => self.value(),
        }
    }

    fn value(&mut self) -> Value {
        let state = |name: Value| json!({ "media.state.name": name });
        let values = [
            Value::Null,
            Value::Null,
            json!(true),
            json!(false),
            json!("text"),
            json!("text"),
            json!(""),
            json!("live"),
            json!("fullscreen"),
            json!("not a state"),
            json!("x".repeat(64)),
            json!("x".repeat(65)),
            json!("statesUpdate"),
            json!("sessionStart"),
            json!(0),
            json!(-1),
            json!(1),
            json!(1.5),
            json!(10.0),
            json!(1.5e12),
            json!(7_258_118_399_999_i64),
            json!(7_258_118_400_000_i64),
            json!(9_007_199_254_740_991_i64),
            json!(9_007_199_254_740_992_i64),
            json!(-9_007_199_254_740_992_i64),
            json!(1e300),
            json!(0.300_000_000_000_000_04),
            json!([]),
            json!([null]),
            json!([{}]),
            json!(["mute"]),
            json!([state(json!("mute")), state(json!("fullScreen"))]),
            json!([state(Value::Null)]),
            json!([state(json!("not a state"))]),
            json!([{ "media.state.name": "mute", "unknown": 1 }]),
            json!({}),
            json!({ "id": "x" }),
            json!({ "id": null }),
            json!({ "crm": { "id": "x", "authState": 2.0 } }),
            json!({ "crm": { "authState": 3 } }),
            json!({ "crm": { "authState": 0.5 } }),
            json!({ "crm": { "id": 1 } }),
            json!({ "crm": null, "other": { "own": [1] } }),
            json!({ "not a key": null }),
            json!({ "a_key": "x", "b.key": null }),
        ];
        self.pick(&values).clone()
    }
}

fn collect_pointers(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect_pointers(member, format!("{pointer}/{key}"), pointers);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                collect_pointers(element, format!("{pointer}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

fn remove(parent: &mut Value, key: &str) {
    match parent {
        Value::Object(members) => {
            members.remove(key);
        }
        Value::Array(elements) => elements.clear(),
        _ => {}
    }
}

fn set(parent: &mut Value, key: &str, value: Value) {
    match parent {
        Value::Object(members) => {
            members.insert(key.to_owned(), value);
        }
        Value::Array(elements) => elements.push(value),
        _ => {}
    }
}
