//! The settings of a connection: `SET`, `SHOW`, `RESET`, and the functions that do the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion_postgres::pgwire::types::format::FormatOptions;
use jiff::tz::TimeZone;
use playhead_node::limits::{POSTGRES_SETTING_BYTES, POSTGRES_SETTING_NAME_BYTES, POSTGRES_SETTINGS};

use crate::postgres::refusal::{TOO_MUCH, Told, UNDEFINED};
use crate::postgres::session::known_settings::{self, SETTINGS, setting};
use crate::postgres::session::setting_values::{Zone, checked, shown_time, zone};
use crate::postgres::values::rows::Style;

/// Values by names in small letters. Each savepoint may have a copy, so the texts are shared.
type Values = BTreeMap<Arc<str>, Arc<str>>;

/// What a client has set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Changed {
    /// Until the connection ends.
    lasting: Values,
    /// Until the transaction ends.
    local: Values,
}

/// What a client has set at some time.
#[derive(Debug, Clone, Default)]
pub(in crate::postgres) struct Snapshot(Arc<Changed>);

/// The settings of a connection.
#[derive(Debug, Default)]
pub(in crate::postgres) struct Settings {
    /// What the client asked for when it logged in; to this a reset goes back.
    at_login: Values,
    changed: Arc<Changed>,
    /// What the client was told last.
    told: BTreeMap<&'static str, String>,
}

impl Settings {
    /// Settings whose time zone is this one, unless the client asks for another.
    pub(in crate::postgres) fn in_zone(name: &str) -> Self {
        let mut settings = Self::default();
        if let Ok(zone) = settings.taken("timezone", name) {
            settings.at_login.insert("timezone".into(), zone.into());
        }
        settings
    }

    /// The settings of a client that logs in with these parameters.
    ///
    /// # Errors
    ///
    /// If one of them is not known or has a value that it does not take.
    pub(in crate::postgres) fn log_in<'parameter>(
        &mut self,
        parameters: impl Iterator<Item = (&'parameter str, &'parameter str)>,
    ) -> Result<(), Told> {
        for (name, value) in parameters {
            match name {
                "user" => {
                    self.at_login.insert("session_authorization".into(), value.into());
                }
                "database" | "replication" => {}
                "options" => {
                    for (name, value) in options(value) {
                        let value = self.taken(&name, &value)?;
                        self.at_login.insert(name.into(), value.into());
                    }
                }
                name if name.starts_with("_pq_.") => {}
                name => {
                    let name = name.to_lowercase();
                    let value = self.taken(&name, value)?;
                    self.at_login.insert(name.into(), value.into());
                }
            }
        }
        Ok(())
    }

    /// The value of a setting, as it is shown.
    pub(in crate::postgres) fn shown(&self, name: &str) -> Option<String> {
        let name = name.to_lowercase();
        let value = self.kept(&name)?;
        let is_time = setting(&name).is_some_and(|known| known.values == known_settings::Values::Time);
        Some(if is_time { shown_time(&value) } else { value })
    }

    /// The name of a setting as PostgreSQL writes it.
    pub(in crate::postgres) fn canonical(name: &str) -> String {
        setting(name).map_or_else(|| name.to_lowercase(), |known| known.name.to_owned())
    }

    /// All settings by name, with their values as they are shown.
    pub(in crate::postgres) fn all(&self) -> impl Iterator<Item = (&'static str, String)> {
        SETTINGS.iter().map(|known| (known.name, self.shown(known.name).unwrap_or_default()))
    }

    fn kept(&self, name: &str) -> Option<String> {
        let set = self.changed.local.get(name).or_else(|| self.changed.lasting.get(name));
        let set = set.or_else(|| self.at_login.get(name)).map(ToString::to_string);
        set.or_else(|| setting(name).map(|known| known.usual.to_owned()))
    }

    /// Changes a setting; to its default without a value.
    ///
    /// # Errors
    ///
    /// If it is not known, cannot be changed, does not take the value, or if there are too many of the client's own.
    pub(in crate::postgres) fn set(
        &mut self,
        name: &str,
        value: Option<&str>,
        is_local: bool,
    ) -> Result<(), Told> {
        let name = name.to_lowercase();
        let Some(value) = value else { return self.reset(&name, is_local) };
        // Who a client is cannot change; to say it again does no harm.
        if name == "session_authorization" && self.kept(&name).as_deref() == Some(value) {
            return Ok(());
        }
        let value: Arc<str> = self.taken(&name, value)?.into();
        let changed = Arc::make_mut(&mut self.changed);
        if is_local {
            changed.local.insert(name.into(), value);
        } else {
            changed.local.remove(name.as_str());
            changed.lasting.insert(name.into(), value);
        }
        Ok(())
    }

    fn reset(&mut self, name: &str, is_local: bool) -> Result<(), Told> {
        let is_known = setting(name).is_some() || self.kept(name).is_some();
        if !is_known && !name.contains('.') {
            return Err(unknown(name));
        }
        let at_login =
            self.at_login.get(name).cloned().or_else(|| setting(name).map(|known| known.usual.into()));
        let changed = Arc::make_mut(&mut self.changed);
        changed.local.remove(name);
        match (is_local, at_login) {
            (true, Some(usual)) => drop(changed.local.insert(name.into(), usual)),
            _ => drop(changed.lasting.remove(name)),
        }
        Ok(())
    }

    /// Resets everything.
    pub(in crate::postgres) fn reset_all(&mut self) {
        self.changed = Arc::default();
    }

    /// The value as it is kept.
    fn taken(&self, name: &str, value: &str) -> Result<String, Told> {
        if value.len() > POSTGRES_SETTING_BYTES {
            let message = format!("a value of a setting may have {POSTGRES_SETTING_BYTES} bytes");
            return Err(Told::new(TOO_MUCH, message));
        }
        if let Some(known) = setting(name) {
            return checked(known, value);
        }
        if !name.contains('.') {
            return Err(unknown(name));
        }
        if name.len() > POSTGRES_SETTING_NAME_BYTES {
            let message = format!("the name of a setting may have {POSTGRES_SETTING_NAME_BYTES} bytes");
            return Err(Told::new(TOO_MUCH, message));
        }
        let own = [&self.changed.lasting, &self.changed.local, &self.at_login];
        let count = own
            .into_iter()
            .flat_map(BTreeMap::keys)
            .filter(|own| own.contains('.') && &***own != name)
            .count();
        if count >= POSTGRES_SETTINGS {
            let message = format!("a connection may have {POSTGRES_SETTINGS} settings of its own");
            return Err(Told::new(TOO_MUCH, message));
        }
        Ok(value.to_owned())
    }

    /// What is set now.
    pub(in crate::postgres) fn snapshot(&self) -> Snapshot {
        Snapshot(self.changed.clone())
    }

    /// Goes back to what was set then.
    pub(in crate::postgres) fn restore(&mut self, snapshot: &Snapshot) {
        self.changed = snapshot.0.clone();
    }

    /// Ends what was set for the transaction alone.
    pub(in crate::postgres) fn end_transaction(&mut self) {
        if !self.changed.local.is_empty() {
            Arc::make_mut(&mut self.changed).local.clear();
        }
    }

    /// The time that a statement may take, ms, if the client has set one.
    pub(in crate::postgres) fn statement_timeout_ms(&self) -> Option<u64> {
        self.kept("statement_timeout")?.parse().ok().filter(|ms| *ms > 0)
    }

    /// The name under which the query engine knows the time zone.
    pub(in crate::postgres) fn zone_name(&self) -> String {
        self.zone().map_or_else(|| "UTC".to_owned(), |zone| zone.engine)
    }

    fn zone(&self) -> Option<Zone> {
        zone(&self.kept("timezone")?)
    }

    /// How values are written.
    pub(in crate::postgres) fn style(&self) -> Style {
        let mut options = FormatOptions::default();
        let kept = |name: &str| self.kept(name).unwrap_or_default();
        options.date_style = kept("datestyle");
        options.interval_style = kept("intervalstyle");
        options.bytea_output = kept("bytea_output");
        options.extra_float_digits = kept("extra_float_digits").parse().unwrap_or(1);
        let zone = self.zone().map_or(TimeZone::UTC, |zone| zone.zone);
        Style { options: Arc::new(options), zone }
    }

    /// The settings that the client is to be told, because they have changed since it was told.
    pub(in crate::postgres) fn news(&mut self) -> Vec<(&'static str, String)> {
        let mut news = Vec::new();
        for known in SETTINGS.iter().filter(|known| known.is_told) {
            let value = self.shown(known.name).unwrap_or_default();
            if self.told.get(known.name) != Some(&value) {
                self.told.insert(known.name, value.clone());
                news.push((known.name, value));
            }
        }
        news
    }
}

/// The refusal of a setting that nobody knows.
pub(in crate::postgres) fn unknown(name: &str) -> Told {
    Told::new(UNDEFINED, format!("unrecognized configuration parameter \"{name}\""))
}

/// The settings in the parameter `options` of a login: `-c name=value` and `--name=value`.
fn options(text: &str) -> Vec<(String, String)> {
    let mut words: Vec<String> = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => words.last_mut().into_iter().for_each(|word| word.extend(letters.next())),
            letter if letter.is_whitespace() => words.push(String::new()),
            letter => words.last_mut().into_iter().for_each(|word| word.push(letter)),
        }
    }
    words.retain(|word| !word.is_empty());
    let mut found = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let assignment = match word.strip_prefix("-c").or_else(|| word.strip_prefix("--")) {
            Some("") => words.next().unwrap_or_default(),
            Some(assignment) => assignment.to_owned(),
            None => continue,
        };
        if let Some((name, value)) = assignment.split_once('=') {
            found.push((name.trim().to_lowercase().replace('-', "_"), value.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_goes_back_to_what_the_client_asked_for_at_its_login() {
        let mut settings = Settings::default();
        let parameters = [
            ("user", "ada"),
            ("database", "playhead"),
            ("options", "-c statement_timeout=5s --app.name=a\\ b -csearch_path=x"),
            ("TimeZone", "Asia/Tokyo"),
        ];
        settings.log_in(parameters.into_iter()).unwrap();
        assert_eq!(settings.shown("Statement_Timeout").as_deref(), Some("5s"));
        assert_eq!(settings.shown("app.name").as_deref(), Some("a b"));
        assert_eq!(settings.shown("session_authorization").as_deref(), Some("ada"));
        settings.set("timezone", Some("UTC"), false).unwrap();
        settings.set("statement_timeout", Some("0"), false).unwrap();
        assert_eq!(settings.statement_timeout_ms(), None);
        settings.reset_all();
        assert_eq!(settings.zone_name(), "Asia/Tokyo");
        assert_eq!(settings.statement_timeout_ms(), Some(5_000));
        let wrong = settings.log_in([("nothing", "x")].into_iter()).unwrap_err();
        assert_eq!(wrong.code, UNDEFINED);
    }

    #[test]
    fn what_was_set_in_a_transaction_that_failed_stayed_set() {
        let mut settings = Settings::default();
        let before = settings.snapshot();
        settings.set("jit", Some("on"), false).unwrap();
        settings.set("work_mem", Some("1MB"), true).unwrap();
        assert_eq!(settings.shown("work_mem").as_deref(), Some("1MB"));
        settings.end_transaction();
        assert_eq!(settings.shown("work_mem").as_deref(), Some("4MB"));
        assert_eq!(settings.shown("jit").as_deref(), Some("on"));
        settings.restore(&before);
        assert_eq!(settings.shown("jit").as_deref(), Some("off"));
    }

    #[test]
    fn settings_of_their_own_let_clients_take_memory_without_end() {
        let mut settings = Settings::default();
        for number in 0..POSTGRES_SETTINGS {
            settings.set(&format!("a.b{number}"), Some("x"), false).unwrap();
        }
        assert_eq!(settings.set("a.more", Some("x"), false).unwrap_err().code, TOO_MUCH);
        settings.set("a.b0", Some("again"), false).unwrap();
        let long = "x".repeat(POSTGRES_SETTING_BYTES + 1);
        assert_eq!(settings.set("a.b0", Some(&long), false).unwrap_err().code, TOO_MUCH);
        assert_eq!(settings.set("nothing", Some("x"), false).unwrap_err().code, UNDEFINED);
    }

    #[test]
    fn a_client_is_told_of_changes_once() {
        let mut settings = Settings::default();
        assert!(settings.news().iter().any(|(name, value)| (*name, value.as_str()) == ("TimeZone", "UTC")));
        assert_eq!(settings.news(), []);
        settings.set("application_name", Some("x"), false).unwrap();
        settings.set("jit", Some("on"), false).unwrap();
        assert_eq!(settings.news(), [("application_name", "x".to_owned())]);
    }
}
