//! Reads the fields of a JSON object, and takes down all of its faults with their paths.

use playhead_report::Faults;
use serde_json::{Map, Value};

/// The fields of an object that are being read; each is taken out by its name.
#[derive(Debug)]
pub struct Fields<'faults> {
    object: Map<String, Value>,
    path: String,
    known: Vec<&'static str>,
    faults: &'faults mut Faults,
}

impl<'faults> Fields<'faults> {
    /// The fields of a value at a path, which must be an object.
    pub(crate) fn of(value: Value, path: String, faults: &'faults mut Faults) -> Self {
        let object = if let Value::Object(object) = value {
            object
        } else {
            faults.push(&path, "must be an object");
            Map::new()
        };
        Self { object, path, known: Vec::new(), faults }
    }

    /// The path of a field.
    pub(crate) fn path_of(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    /// Takes down a fault of a field.
    pub(crate) fn fault(&mut self, name: &str, message: impl std::fmt::Display) {
        let path = self.path_of(name);
        self.faults.push(path, message);
    }

    /// Where faults of parts are taken down.
    pub(crate) fn faults(&mut self) -> &mut Faults {
        self.faults
    }

    /// A value; one that is null counts as absent.
    pub(crate) fn value(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.object.remove(name).filter(|value| !value.is_null())
    }

    /// A line of text that must be there: without spaces around it, not empty, and at most so long.
    pub(crate) fn line(&mut self, name: &'static str, most_bytes: usize) -> String {
        match self.value(name) {
            None => {
                self.fault(name, "is required");
                String::new()
            }
            Some(value) => self.line_of(name, &value, most_bytes),
        }
    }

    /// The same, which may be absent.
    pub(crate) fn optional_line(&mut self, name: &'static str, most_bytes: usize) -> Option<String> {
        let value = self.value(name)?;
        Some(self.line_of(name, &value, most_bytes))
    }

    fn line_of(&mut self, name: &'static str, value: &Value, most_bytes: usize) -> String {
        let Some(text) = value.as_str().map(str::trim) else {
            self.fault(name, "must be a text");
            return String::new();
        };
        if text.is_empty() {
            self.fault(name, "must not be empty");
        } else if text.len() > most_bytes {
            self.fault(name, format!("must have at most {most_bytes} bytes, not {}", text.len()));
        } else if text.chars().any(char::is_control) {
            self.fault(name, "must be one line without control characters");
        }
        text.to_owned()
    }

    /// `true` or `false`; `false` if it is absent.
    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        match self.value(name) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.fault(name, "must be true or false");
                false
            }
        }
    }

    /// One of several values by its name; `usual` if it is absent, where that may be.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
        usual: Option<T>,
    ) -> Option<T> {
        let value = self.value(name);
        if value.is_none() && usual.is_some() {
            return usual;
        }
        let chosen = value.as_ref().and_then(Value::as_str);
        let found = choices.iter().find(|(known, _)| Some(*known) == chosen).map(|(_, choice)| *choice);
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
            self.fault(name, format!("must be one of {}", names.join(", ")));
        }
        found
    }

    /// A moment that must be there, ms since the epoch.
    pub(crate) fn moment_ms(&mut self, name: &'static str) -> Option<i64> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.value(name);
            self.fault(name, "is required");
            return None;
        }
        self.optional_moment_ms(name)
    }

    /// A moment that may be absent, ms since the epoch.
    pub(crate) fn optional_moment_ms(&mut self, name: &'static str) -> Option<i64> {
        let value = self.value(name)?;
        let moment = value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        if moment.is_none() {
            self.fault(name, "must be a time with an offset, such as 2026-11-01T00:00:00Z");
        }
        moment.map(jiff::Timestamp::as_millisecond)
    }

    /// The version that a change is made to.
    pub(crate) fn version(&mut self) -> u64 {
        let name = "version";
        let version = self.value(name).and_then(|value| value.as_u64());
        if version.is_none() {
            self.fault(name, "must be the version that was read");
        }
        version.unwrap_or_default()
    }

    /// Finds the fields that nobody asked for.
    pub(crate) fn finish(self) {
        let known = self.known.join(", ");
        for name in self.object.keys() {
            let shown: String = name.chars().filter(|letter| !letter.is_control()).take(64).collect();
            self.faults.push(&self.path, format_args!("has an unknown key: {shown}; known are {known}"));
        }
    }
}

/// Moments in ms that JSON has as RFC 3339, in the journal as in the API.
pub(crate) mod written_time {
    use playhead_session::rfc3339;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    pub(crate) fn serialize<S: Serializer>(ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(*ms))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(moment.as_millisecond())
    }

    /// The same, of a moment that may be absent.
    pub(crate) mod optional {
        use playhead_session::rfc3339;
        use serde::{Deserialize, Deserializer, Serializer};

        #[expect(clippy::ref_option, reason = "serde passes references")]
        pub(crate) fn serialize<S: Serializer>(ms: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
            match ms {
                Some(ms) => serializer.serialize_some(&rfc3339(*ms)),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<i64>, D::Error> {
            let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
            let moment: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
            Ok(Some(moment.as_millisecond()))
        }
    }
}
