//! The environment variables that concern the command, read once and passed on as a value.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use playhead_report::nearest::did_you_mean;

use crate::error::Error;
use crate::settings::{self, Layer};

/// The prefix of all variables of this command.
const PREFIX: &str = "PLAYHEAD_";

/// The token that `playhead sessions --server` uses.
pub(crate) const TOKEN_VARIABLE: &str = "PLAYHEAD_TOKEN";

/// The environment variables that concern the command.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, OsString>,
    has_no_color: bool,
    columns: Option<usize>,
    object_store: Vec<(String, String)>,
    home: Option<PathBuf>,
    state_home: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process; read it once, at the start.
    pub fn of_process() -> Self {
        Self::of(std::env::vars_os())
    }

    /// An environment of these variables.
    pub(crate) fn of<Name: AsRef<OsStr>, Value: Into<OsString>>(
        variables: impl IntoIterator<Item = (Name, Value)>,
    ) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            let value = value.into();
            match name.as_ref().to_str() {
                // An empty variable counts as unset: deployment files turn an unset variable into an empty one.
                _ if value.is_empty() => {}
                Some("NO_COLOR") => environment.has_no_color = true,
                // Zero or no number: the terminal knows better.
                Some("COLUMNS") => {
                    let columns = value.to_str().and_then(|value| value.parse().ok());
                    environment.columns = columns.filter(|columns| *columns > 0);
                }
                Some("HOME") => environment.home = Some(value.into()),
                Some("XDG_STATE_HOME") => environment.state_home = Some(value.into()),
                Some(name) if name.starts_with("AWS_") => {
                    let value = value.to_str().map(|value| (name.to_owned(), value.to_owned()));
                    environment.object_store.extend(value);
                }
                Some(name) if name.starts_with(PREFIX) && !is_of_a_service(name) => {
                    environment.variables.insert(name.to_owned(), value);
                }
                _ => {}
            }
        }
        environment
    }

    /// The names of the product's own variables that are set, tokens among them.
    pub(crate) fn names(&self) -> Vec<OsString> {
        self.variables.keys().map(OsString::from).collect()
    }

    /// Whether `NO_COLOR` is set, which turns off styled output.
    pub(crate) fn has_no_color(&self) -> bool {
        self.has_no_color
    }

    /// The width of the terminal as `COLUMNS` sets it.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.columns
    }

    /// The variables `AWS_...`: endpoint, region and credentials of an object store.
    pub(crate) fn object_store(&self) -> &[(String, String)] {
        &self.object_store
    }

    /// The directory for state of a user, such as the history: `playhead` in `XDG_STATE_HOME`, or in `.local/state` of
    /// the home directory. `None` if neither is known; relative paths do not count.
    pub(crate) fn state_directory(&self) -> Option<PathBuf> {
        let absolute = |path: &Option<PathBuf>| path.clone().filter(|path| path.is_absolute());
        let of_home = || Some(absolute(&self.home)?.join(".local/state"));
        absolute(&self.state_home).or_else(of_home).map(|state| state.join("playhead"))
    }

    /// The token for a server's reports.
    ///
    /// # Errors
    ///
    /// If it is not Unicode.
    pub(crate) fn token(&self) -> Result<Option<&str>, Error> {
        self.variables.get(TOKEN_VARIABLE).map(|value| text(TOKEN_VARIABLE, value)).transpose()
    }

    /// Checks that each variable is known, so that a typo is not ignored.
    ///
    /// # Errors
    ///
    /// On the first unknown variable.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let known: Vec<String> = known_variables().collect();
        let old: Vec<String> = settings::RENAMED.iter().map(|(old, _)| settings::variable_of(old)).collect();
        let unknown = self.variables.keys().find(|name| !known.contains(name) && !old.contains(name));
        let Some(unknown) = unknown else { return Ok(()) };
        let meant = did_you_mean(unknown, known.iter().map(String::as_str));
        Err(Error::Setting {
            place: "environment".into(),
            message: format!("the variable {unknown} is unknown{meant}"),
        })
    }

    /// The settings of the environment.
    ///
    /// # Errors
    ///
    /// If one of them has an invalid value, or is set under its old name and its new one.
    pub(crate) fn settings(&self) -> Result<Layer, Error> {
        let mut layer = Layer::default();
        for key in settings::KEYS.iter().chain(settings::RENAMED.iter().map(|(old, _)| old)) {
            let name = settings::variable_of(key);
            if let Some(value) = self.variables.get(&name) {
                let wrong = |message| Error::Setting { place: name.clone(), message };
                layer.set_from_text(key, text(&name, value)?).map_err(wrong)?;
            }
        }
        let wrong = |message| Error::Setting { place: "environment".into(), message };
        settings::check_named_once(&layer, settings::variable_of).map_err(wrong)?;
        Ok(layer)
    }
}

fn known_variables() -> impl Iterator<Item = String> {
    settings::KEYS.iter().map(|key| settings::variable_of(key)).chain([TOKEN_VARIABLE.to_owned()])
}

fn text<'value>(name: &str, value: &'value OsStr) -> Result<&'value str, Error> {
    value
        .to_str()
        .ok_or_else(|| Error::Setting { place: name.to_owned(), message: "is not Unicode text".into() })
}

/// Whether Kubernetes sets this variable: it describes each service in variables of all containers beside it. A service
/// named `playhead` must not keep the server from starting.
fn is_of_a_service(name: &str) -> bool {
    ["PLAYHEAD_SERVICE_HOST", "PLAYHEAD_SERVICE_PORT", "PLAYHEAD_PORT"].contains(&name)
        || name.starts_with("PLAYHEAD_SERVICE_PORT_")
        || name
            .strip_prefix("PLAYHEAD_PORT_")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_an_error_that_names_the_right_one() {
        let environment = Environment::of([("PLAYHEAD_IDLE_TIMOUT", "5s"), ("PATH", "/bin")]);
        let error = environment.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment: the variable PLAYHEAD_IDLE_TIMOUT is unknown (did you mean PLAYHEAD_IDLE_TIMEOUT?)"
        );
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn known_and_foreign_variables_pass() {
        let variables =
            [("PLAYHEAD_LOG", "debug"), ("PLAYHEAD_TOKEN", "secret"), ("PLAYHEADS", "x"), ("NO_COLOR", "1")];
        let environment = Environment::of(variables);
        environment.check().unwrap();
        assert_eq!(environment.token().unwrap(), Some("secret"));
        assert!(environment.has_no_color());
    }

    #[test]
    fn a_kubernetes_service_of_the_same_name_does_not_keep_the_server_from_starting() {
        let variables = [
            ("PLAYHEAD_SERVICE_HOST", "10.0.0.1"),
            ("PLAYHEAD_SERVICE_PORT", "8080"),
            ("PLAYHEAD_SERVICE_PORT_HTTP", "8080"),
            ("PLAYHEAD_PORT", "tcp://10.0.0.1:8080"),
            ("PLAYHEAD_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ];
        Environment::of(variables).check().unwrap();
        assert!(Environment::of([("PLAYHEAD_PORTS", "1")]).check().is_err());
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let environment = Environment::of([("PLAYHEAD_ADMIN_TOKEN", ""), ("NO_COLOR", "")]);
        assert_eq!(environment.settings().unwrap().admin_token, None);
        assert!(!environment.has_no_color());
    }

    #[test]
    fn an_impossible_value_is_reported_with_its_variable() {
        let error = Environment::of([("PLAYHEAD_IDLE_TIMEOUT", "soon")]).settings().unwrap_err();
        assert!(error.to_string().starts_with("PLAYHEAD_IDLE_TIMEOUT: `soon` is not a duration"), "{error}");
    }

    #[test]
    fn an_old_name_is_read_but_not_beside_the_new_one() {
        let old = [("PLAYHEAD_QUESTION_TIMEOUT", "5s")];
        let environment = Environment::of(old);
        environment.check().unwrap();
        assert_eq!(environment.settings().unwrap().question_timeout.unwrap().as_ms(), 5_000);
        let both = Environment::of(old.into_iter().chain([("PLAYHEAD_QUERY_TIMEOUT", "6s")]));
        assert_eq!(
            both.settings().unwrap_err().to_string(),
            "environment: PLAYHEAD_QUESTION_TIMEOUT is the old name of PLAYHEAD_QUERY_TIMEOUT, and both are set; remove \
             PLAYHEAD_QUESTION_TIMEOUT"
        );
        let error = Environment::of([("PLAYHEAD_QUESTION_TIMOUT", "5s")]).check().unwrap_err();
        assert!(error.to_string().contains("PLAYHEAD_QUESTION_TIMOUT is unknown"), "{error}");
    }

    #[test]
    fn the_state_directory_follows_xdg_and_the_home_directory() {
        let directory =
            |variables: &[(&str, &str)]| Environment::of(variables.iter().copied()).state_directory();
        assert_eq!(directory(&[("HOME", "/home/a")]), Some("/home/a/.local/state/playhead".into()));
        assert_eq!(
            directory(&[("HOME", "/home/a"), ("XDG_STATE_HOME", "/state")]),
            Some("/state/playhead".into())
        );
        assert_eq!(
            directory(&[("HOME", "/home/a"), ("XDG_STATE_HOME", "relative")]),
            Some("/home/a/.local/state/playhead".into())
        );
        assert_eq!(directory(&[]), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_unicode_is_an_error() {
        use std::os::unix::ffi::OsStringExt;
        let value = OsString::from_vec(vec![0xff, 0xfe]);
        let error = Environment::of([("PLAYHEAD_LOG", value)]).settings().unwrap_err();
        assert_eq!(error.to_string(), "PLAYHEAD_LOG: is not Unicode text");
    }
}
