//! `serve --print-config`: the settings in force as a configuration file.

use std::fmt::Write;

use crate::error::Error;
use crate::settings::{Effective, SECRETS};

/// A complete configuration file with the same settings, each with its meaning and origin. It leaves out the tokens.
///
/// # Errors
///
/// If a file cannot hold a value, such as a path that is not Unicode.
pub(crate) fn print_config(effective: &Effective) -> Result<String, Error> {
    let mut text = String::from("# The settings in force, as a configuration file.\n");
    for setting in effective.describe() {
        let value = setting.value.map_err(|message| Error::Setting {
            place: setting.key.to_owned(),
            message: format!("cannot be printed: {message}"),
        })?;
        let is_secret = SECRETS.contains(&setting.key);
        let line = if is_secret {
            format!("# {} = {}", setting.key, value.as_str().unwrap_or_default())
        } else {
            format!("{} = {value}", setting.key)
        };
        // Writing to a string cannot fail.
        let _written = write!(text, "\n# {}.\n# From: {}\n{line}\n", setting.meaning, setting.source);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::config_file;
    use crate::settings::{KEYS, Layer, Source};

    fn some_layer() -> Layer {
        config_file::parse(
            "listen = \"[::]:9\"\nreport_suites = [\"a\\\"b\", \"c\"]\nevent_retention = \"none\"\n\
             admin_token = \"0123456789abcdef\"\nreorder_window = \"0s\"\ndata = \"C:\\\\data\"\nlog = \"off\"\n",
        )
        .unwrap()
    }

    #[test]
    fn a_printed_file_gives_the_same_settings() {
        let effective = Effective::resolve(Layer::default(), some_layer(), Layer::default());
        let read_back = config_file::parse(&print_config(&effective).unwrap()).unwrap();
        assert_eq!(read_back.admin_token, None);
        let read_back = Effective::resolve(Layer::default(), Layer::default(), read_back);
        let values = |effective: &Effective| -> Vec<_> {
            let described = effective.describe().into_iter();
            let open = described.filter(|setting| !SECRETS.contains(&setting.key));
            open.map(|setting| (setting.key, setting.value.unwrap())).collect()
        };
        assert_eq!(values(&read_back), values(&effective));
        assert!(values(&read_back).len() == KEYS.len() - SECRETS.len());
        assert_eq!(read_back.idle_timeout.source, Source::File);
    }

    #[test]
    fn settings_are_printed_under_their_new_names() {
        let old = config_file::parse("questions = 3\nquestion_timeout = \"4s\"\n").unwrap();
        let text = print_config(&Effective::resolve(Layer::default(), Layer::default(), old)).unwrap();
        assert!(text.contains("\nqueries = 3\n") && text.contains("\nquery_timeout = \"4s\"\n"), "{text}");
        assert!(!text.contains("question"), "{text}");
    }

    #[test]
    fn the_token_is_mentioned_but_not_printed() {
        let effective = Effective::resolve(some_layer(), Layer::default(), Layer::default());
        let text = print_config(&effective).unwrap();
        assert!(text.contains("# From: flag\n# admin_token = (set)\n"), "{text}");
        assert!(!text.contains("0123456789abcdef"));
        let text = print_config(&Effective::default()).unwrap();
        assert!(text.contains("# From: default\n# admin_token = (not set)\n"), "{text}");
    }
}
