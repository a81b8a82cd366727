//! The command line: which commands there are, and their help.

use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::replay::ReplayArgs;
use crate::serve::ServeArgs;
use crate::sessions::SessionsArgs;
use crate::settings::{self, Effective, SECRETS};

/// Self-hosted measurement of streaming media: a server for the Media Collection API.
#[derive(Debug, Parser)]
#[command(
    name = "playhead",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
        playhead serve                  listen on 127.0.0.1:8080\n  \
        playhead replay recorded.json   send a recorded session to it\n  \
        playhead sessions               list the sessions in ./playhead-data\n\n\
        Exit codes: 0 fine, 1 a finding or a failure, 2 a wrong call or a wrong setting."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a server
    #[command(
        after_help = "Each setting can be given as a flag, as an environment variable, or as a key of the file \
        that --config names. A flag wins over the environment, that over the file, that over the default. Unknown keys \
        and unknown PLAYHEAD_... variables are errors.\n\n\
        SIGTERM or SIGINT stops the server when the requests under way are finished and everything is on disk.\n\n\
        Examples:\n  \
        playhead serve --listen 0.0.0.0:8080 --data /var/lib/playhead\n  \
        playhead serve --config playhead.toml --log debug\n  \
        playhead serve --print-config > playhead.toml\n  \
        PLAYHEAD_ADMIN_TOKEN=... playhead serve"
    )]
    Serve(ServeArgs),
    /// Send recorded sessions to a server
    #[command(after_help = "A file holds one session, either as a timeline\n  \
        {\"title\": ..., \"first_ts\": MS, \"steps\": [{\"at\": SECONDS, \"body\": EVENT}, ...]}\n\
        where each event gets the timestamp first_ts + at, or as a list of complete events: a JSON array, or one event a \
        line. The first event is a sessionStart. Each event is sent after the answer to the one before.\n\n\
        A refused event is reported and the rest is sent all the same; the exit code is 1 then. Requests are repeated up \
        to 5 times while the server is busy or cannot be reached.\n\n\
        Examples:\n  \
        playhead replay session.json --to http://127.0.0.1:8080\n  \
        playhead replay session.json --now --speed 10\n  \
        playhead replay *.json --format json")]
    Replay(ReplayArgs),
    /// Show sessions: a list, one in full, or its events
    #[command(
        after_help = "Without --server, the data directory is read: also while a server works in it, and also \
        when none does. Nothing in it is changed.\n\n\
        Examples:\n  \
        playhead sessions --open true\n  \
        playhead sessions --from 2026-11-01 --report-suite news --format json\n  \
        playhead sessions 3f9a2b11c0de --events\n  \
        PLAYHEAD_TOKEN=... playhead sessions --server https://measure.example.com"
    )]
    Sessions(SessionsArgs),
}

/// The command line of a call.
///
/// # Errors
///
/// What clap has to say: a fault, or the help or version that was asked for.
pub fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Cli, clap::Error> {
    let matches = command().try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches)
}

/// The definition of the command line, with defaults and environment variables of all settings in the help.
pub fn command() -> clap::Command {
    Cli::command().mut_subcommand("serve", |serve| {
        Effective::default().describe().into_iter().fold(serve, |serve, setting| {
            let default = match &setting.value {
                _ if SECRETS.contains(&setting.key) => String::new(),
                Ok(toml::Value::String(text)) => format!(" [default: {text}]"),
                Ok(toml::Value::Array(list)) if list.is_empty() => String::new(),
                Ok(other) => format!(" [default: {other}]"),
                Err(_) => String::new(),
            };
            let help = format!("{}{default} [env: {}]", setting.meaning, settings::variable_of(setting.key));
            // The last one of a flag that is given twice holds, so that a call can be built onto another.
            serve.mut_arg(setting.key, |arg| arg.help(help).action(ArgAction::Set))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::KEYS;

    fn parse_line(line: &str) -> Result<Cli, clap::Error> {
        parse(line.split_whitespace().map(Into::into))
    }

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_setting_is_a_flag_and_the_help_names_its_variable() {
        let help = parse_line("playhead serve --help").unwrap_err().to_string();
        for key in KEYS {
            assert!(help.contains(&format!("--{}", key.replace('_', "-"))), "{key} is missing in\n{help}");
            assert!(help.contains(&settings::variable_of(key)), "{key} is missing in\n{help}");
        }
        assert!(help.contains("[default: 10m]"), "{help}");
    }

    #[test]
    fn flags_reach_their_settings() {
        let line = "playhead serve --listen [::1]:0 --report-suites a,b --event-retention none --metrics-open \
                    --log info,playhead_server=debug";
        let Command::Serve(args) = parse_line(line).unwrap().command else { panic!("must be serve") };
        assert_eq!(args.settings.listen.unwrap().port(), 0);
        assert_eq!(args.settings.report_suites.unwrap().names(), ["a", "b"]);
        assert_eq!(args.settings.metrics_open, Some(true));
        assert_eq!(args.settings.log.unwrap().to_string(), "info,playhead_server=debug");
        let Command::Serve(args) = parse_line("playhead serve --metrics-open=false").unwrap().command else {
            panic!("must be serve")
        };
        assert_eq!(args.settings.metrics_open, Some(false));
    }

    #[test]
    fn calls_that_make_no_sense_exit_with_2() {
        for line in [
            "playhead",
            "playhead dance",
            "playhead serve --listen nowhere",
            "playhead serve --idle-timeout 5",
            "playhead replay",
            "playhead replay a.json --speed 0",
            "playhead sessions --events",
            "playhead sessions abc --search x",
            "playhead sessions --server http://a --data b",
            "playhead sessions --token x",
            "playhead sessions --limit 0",
            "playhead sessions --diagnosis no_such",
        ] {
            assert_eq!(parse_line(line).unwrap_err().exit_code(), 2, "{line}");
        }
        for line in ["playhead --help", "playhead --version", "playhead sessions --help"] {
            assert_eq!(parse_line(line).unwrap_err().exit_code(), 0, "{line}");
        }
    }
}
