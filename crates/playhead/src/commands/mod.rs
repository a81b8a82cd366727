//! The command line: the commands and their help.

pub(crate) mod annotate;
pub(crate) mod backup;
pub(crate) mod exclude;
pub(crate) mod export;
pub(crate) mod filter_text;
pub(crate) mod maintain;
pub(crate) mod randomness;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod reporter;
pub(crate) mod schedule;
pub(crate) mod serve;
pub(crate) mod sessions;
pub(crate) mod simulate;
pub(crate) mod sql;
pub(crate) mod typed_time;
pub(crate) mod verify;

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::annotate::AnnotateArgs;
use crate::commands::backup::{BackupArgs, RestoreArgs};
use crate::commands::exclude::ExcludeArgs;
use crate::commands::export::ExportArgs;
use crate::commands::maintain::MaintainArgs;
use crate::commands::replay::ReplayArgs;
use crate::commands::report::ReportArgs;
use crate::commands::reporter::ReporterArgs;
use crate::commands::schedule::ScheduleArgs;
use crate::commands::serve::ServeArgs;
use crate::commands::sessions::SessionsArgs;
use crate::commands::simulate::args::SimulateArgs;
use crate::commands::sql::SqlArgs;
use crate::commands::verify::VerifyArgs;
use crate::settings::proxy_list::ProxyList;
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
        playhead sessions               list the sessions in ./playhead-data\n  \
        playhead report content_starts --by channel\n  \
        playhead sql                    a prompt over the tables\n\n\
        Exit codes: 0 success, 1 a finding or a failure, 2 an invalid call or an invalid setting."
)]
pub(crate) struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a server
    #[command(
        after_help = "Each setting can be given as a flag, as an environment variable, or as a key of the file \
        that --config names. A flag wins over the environment, the environment over the file, the file over the \
        default. Unknown keys and unknown PLAYHEAD_... variables are errors.\n\n\
        After SIGTERM or SIGINT, the server finishes the current requests, writes everything to disk and stops.\n\n\
        Examples:\n  \
        playhead serve --listen 0.0.0.0:8080 --data /var/lib/playhead\n  \
        playhead serve --config playhead.toml --log debug\n  \
        playhead serve --print-config > playhead.toml\n  \
        PLAYHEAD_ADMIN_TOKEN=... playhead serve"
    )]
    Serve(Box<ServeArgs>),
    /// Send recorded sessions to a server
    #[command(after_help = "A file holds one session, either as a timeline\n  \
        {\"title\": ..., \"first_ts\": MS, \"steps\": [{\"at\": SECONDS, \"body\": EVENT}, ...]}\n\
        where each event gets the timestamp first_ts + at, or as a list of complete events: a JSON array, or one event per \
        line. The first event is a sessionStart. Each event is sent after the response to the previous one.\n\n\
        If an event is refused, the command reports it, sends the rest, and exits with 1. Requests are repeated up to 5 \
        times while the server is busy or unreachable.\n\n\
        Examples:\n  \
        playhead replay session.json --to http://127.0.0.1:8080\n  \
        playhead replay session.json --now --speed 10\n  \
        playhead replay *.json --format json")]
    Replay(ReplayArgs),
    /// Show sessions: a list, one in full, or its events
    #[command(
        after_help = "Without --server, the command reads the data directory, whether a server runs on it or not. It \
        changes nothing there.\n\n\
        Examples:\n  \
        playhead sessions --open true\n  \
        playhead sessions --from yesterday --to today --report-suite news --format json\n  \
        playhead sessions 3f9a2b11c0de --events\n  \
        PLAYHEAD_TOKEN=... playhead sessions --server https://measure.example.com"
    )]
    Sessions(SessionsArgs),
    /// Take a session out of all reports, or put it back
    #[command(
        after_help = "Reports, lists, tables in SQL and exports leave an excluded session out; its rows and \
        events are\nkept, and `playhead sessions SID` still shows it, with the reason. Without SID, the command lists the \
        excluded sessions.\n\n\
        With --server, the server does it, which needs its admin token; without, no server may use the data directory.\n\n\
        Examples:\n  \
        playhead exclude 3f9a2b11c0de --why 'a robot'\n  \
        playhead exclude 3f9a2b11c0de --undo\n  \
        PLAYHEAD_TOKEN=... playhead exclude --server https://measure.example.com"
    )]
    Exclude(ExcludeArgs),
    /// Say what happened at a time, beside all numbers over time; or list what was said
    #[command(
        after_help = "A running server keeps annotations, and its dashboard shows them on every series; adding and removing one \
        needs its admin\ntoken. Without TEXT, the command lists them, also those of a data directory.\n\n\
        Examples:\n  \
        PLAYHEAD_TOKEN=... playhead annotate 'player 4.2' --kind release --server https://measure.example.com\n  \
        playhead annotate 'CDN in Frankfurt' --kind outage --at 2026-11-01T10:00:00Z --to 2026-11-01T10:30:00Z --server ...\n  \
        playhead annotate"
    )]
    Annotate(AnnotateArgs),
    /// Send a report again and again: list, add, remove or run schedules
    #[command(
        after_help = "A running server keeps schedules and sends their reports: as a file below its directory for reports \
        (report_folder),\nor to a webhook that its operator allows (webhook_origins). All of this needs its admin token; `list` \
        also reads a data\ndirectory.\n\n\
        Examples:\n  \
        playhead schedule add Morning content_starts visitors --by channel --range yesterday --at 06:00 --folder daily --server ...\n  \
        playhead schedule add Week content_starts --granularity day --range last_week --every week --on monday --at 07:30 \\\n    \
        --time-zone Europe/Berlin --webhook https://hooks.example.com/in --server ...\n  \
        playhead schedule run Morning --server ...\n  \
        playhead schedule list"
    )]
    Schedule(ScheduleArgs),
    /// Count: metrics by dimensions and time
    #[command(
        after_help = "Without --server, the command reads the data directory, whether a server runs on it or not. It \
        changes nothing there.\n\n\
        Filters: channel=web, channel!=web, content_name~news (contains), content_length>=60, \"channel in web,tv\",\n\
        \"channel not in web,tv\", \"show exists\", \"show not exists\"; custom.KEY is a key of the custom metadata. In a list, \
        write a value\nwith a comma in double quotes. A row without a value passes != and not in.\n\n\
        Examples:\n  \
        playhead report --list\n  \
        playhead report content_starts content_time_spent --by content_name --from 7d\n  \
        playhead report content_starts --from 2026-11-01 --granularity day --time-zone Europe/Berlin\n  \
        playhead report visitors --by channel --order-by -visitors --limit 10 --format csv\n  \
        playhead report buffer_rate --by player_name --filter content_length>=60 --segment video"
    )]
    Report(ReportArgs),
    /// Query in SQL: one query, or a prompt with history and completion
    #[command(
        after_help = "Without QUERY, the command reads the query from standard input; at a terminal it shows a prompt. \
        The tables are sessions, ads,\nchapters, errors and events; \\d lists them, and \\d sessions the \
        columns of one. Queries only read. Tables and\nJSON have a limited number of rows; csv and parquet have all.\n\n\
        Examples:\n  \
        playhead sql\n  \
        playhead sql 'select channel, sum(content_time_spent) from sessions group by channel'\n  \
        playhead sql --format parquet --out starts.parquet < starts.sql"
    )]
    Sql(SqlArgs),
    /// Write all rows of a table into a file
    #[command(after_help = "Examples:\n  \
        playhead export sessions --from 2026-11-01 --to 2026-12-01 --out november.parquet\n  \
        playhead export events --from 2026-11-01 --format jsonl | head\n  \
        playhead export ads --format adobe-feed --open exclude --out ads.jsonl")]
    Export(ExportArgs),
    /// Send the load of an audience to a server, and check what reports make of it
    #[command(
        after_help = "The audience is made from a seed. Each request is sent when it is due, however slow the answers \
        are; latencies\ncount from that moment. With --speed, contents, ads, pauses and the time between pings are so much shorter.\n\n\
        --expect writes the totals that reports must show of what was acknowledged; --check waits until all sessions have closed, and \
        compares: counts\nexactly, durations to the millisecond. It needs a token of the server, or reads a data directory.\n\n\
        The exit code is 1 if not everything was acknowledged, or if reports differ.\n\n\
        Examples:\n  \
        playhead simulate --viewers 5000 --duration 10m\n  \
        playhead simulate --viewers 2000 --curve kick-off --profile live --speed 10 --expect derby.jsonl\n  \
        PLAYHEAD_TOKEN=... playhead simulate --check derby.jsonl --server http://127.0.0.1:8080"
    )]
    Simulate(Box<SimulateArgs>),
    /// Check that all stored data can be read and is unchanged
    #[command(
        after_help = "Reads the journal and the tables, also while a server uses them, and changes nothing. The exit \
        code is 1 if there\nis a finding."
    )]
    Verify(VerifyArgs),
    /// Move new rows from the journal into the tables, and tidy up their files
    #[command(
        after_help = "A running server does this by itself. With --server, the command tells the server to do it now; \
        without, no server may use\nthe data directory. Settings say how long rows are kept: give the same configuration \
        file and variables as to the server.\n\n\
        Examples:\n  \
        PLAYHEAD_TOKEN=... playhead maintain --server http://127.0.0.1:8080\n  \
        playhead maintain --config playhead.toml"
    )]
    Maintain(MaintainArgs),
    /// Copy the journal and the tables, while a server uses them, and verify the copy
    #[command(
        after_help = "The copy is consistent: it has the journal and the tables as of one moment. It is a directory of files; \
        with backup.json\nin it, it is complete.\n\n\
        Examples:\n  \
        playhead backup --to /backup/playhead-2026-11-27\n  \
        playhead backup --data /var/lib/playhead --lake s3://bucket/lake --to /backup/monday"
    )]
    Backup(BackupArgs),
    /// Put a backup back, after verifying it
    #[command(
        after_help = "No server may use the data directory. If the tables are still there and only the journal was lost, \
        use --journal-only: the\nserver that starts on it sees that the tables go further than the journal, says so, and \
        goes on without counting\nanything twice.\n\n\
        Examples:\n  \
        playhead restore --from /backup/playhead-2026-11-27 --data /var/lib/playhead\n  \
        playhead restore --from /backup/monday --data /var/lib/playhead --journal-only"
    )]
    Restore(RestoreArgs),
    /// Answer the queries of a server, which starts this by itself
    #[command(hide = true)]
    Reporter(ReporterArgs),
}

impl Command {
    /// Whether it makes files in a data directory, a lake or a backup.
    pub(crate) const fn writes_data(&self) -> bool {
        matches!(
            self,
            Self::Serve(_) | Self::Exclude(_) | Self::Maintain(_) | Self::Backup(_) | Self::Restore(_)
        )
    }
}

/// The setting whose flag can come several times.
const REPEATED: &str = "trusted_proxy";

/// The command line of a call.
///
/// # Errors
///
/// If the arguments are invalid, or if they ask for the help or the version.
pub(crate) fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Cli, clap::Error> {
    let mut definition = command();
    let mut matches = definition.try_get_matches_from_mut(args)?;
    let proxies = matches.subcommand_matches("serve").and_then(|serve| serve.get_many::<ProxyList>(REPEATED));
    let proxies = proxies.map(|lists| ProxyList::joined(lists.cloned())).transpose();
    let proxies = proxies.map_err(|message| definition.error(ErrorKind::ValueValidation, message))?;
    let mut cli = Cli::from_arg_matches_mut(&mut matches)?;
    if let Command::Serve(args) = &mut cli.command {
        args.settings.trusted_proxy = proxies;
    }
    Ok(cli)
}

/// The definition of the command line, with defaults and environment variables of all settings in the help.
pub(crate) fn command() -> clap::Command {
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
            // If a flag is given twice, the last one holds, so that a call can extend another; but proxies add up.
            let action = if setting.key == REPEATED { ArgAction::Append } else { ArgAction::Set };
            serve.mut_arg(setting.key, |arg| arg.help(help).action(action))
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
        let line = "playhead serve --trusted-proxy 10.0.0.0/8,::1 --trusted-proxy 192.0.2.1";
        let Command::Serve(args) = parse_line(line).unwrap().command else { panic!("must be serve") };
        assert_eq!(Vec::from(args.settings.trusted_proxy.unwrap()), ["10.0.0.0/8", "::1", "192.0.2.1"]);
        let Command::Serve(args) = parse_line("playhead serve --metrics-open=false").unwrap().command else {
            panic!("must be serve")
        };
        assert_eq!(args.settings.metrics_open, Some(false));
    }

    #[test]
    fn an_old_flag_still_works_but_not_beside_the_new_one() {
        let line =
            "playhead serve --questions 3 --question-memory 5MiB --question-timeout 6s --question-threads 7";
        let Command::Serve(args) = parse_line(line).unwrap().command else { panic!("must be serve") };
        assert_eq!(args.settings.questions.unwrap().get(), 3);
        assert_eq!(args.settings.question_memory.unwrap().as_bytes(), 5 << 20);
        assert_eq!(args.settings.question_timeout.unwrap().as_ms(), 6_000);
        assert_eq!(args.settings.question_threads, Some(7));
        let error = parse_line("playhead serve --questions 3 --queries 3").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let message = error.to_string();
        assert!(message.contains("--questions") && message.contains("cannot be used with"), "{message}");
        let help = parse_line("playhead serve --help").unwrap_err().to_string();
        assert!(!help.contains("question"), "{help}");
    }

    #[test]
    fn a_report_takes_what_its_help_shows() {
        let line =
            "playhead report visitors --by channel --order-by -visitors,channel --filter content_length>=60";
        let Command::Report(args) = parse_line(line).unwrap().command else { panic!("must be report") };
        assert_eq!(args.order_by, ["-visitors", "channel"]);
        assert_eq!(args.filter.len(), 1);
        let error = parse_line("playhead export sesions").unwrap_err().to_string();
        assert!(error.contains("did you mean sessions?"), "{error}");
    }

    #[test]
    fn invalid_calls_exit_with_2() {
        for line in [
            "playhead",
            "playhead dance",
            "playhead serve --listen nowhere",
            "playhead serve --idle-timeout 5",
            "playhead serve --trusted-proxy proxy",
            "playhead serve --trusted-proxy 0.0.0.0/0",
            "playhead replay",
            "playhead replay a.json --speed 0",
            "playhead sessions --events",
            "playhead sessions abc --search x",
            "playhead sessions --server http://a --data b",
            "playhead sessions --token x",
            "playhead sessions --limit 0",
            "playhead sessions --diagnosis no_such",
            "playhead report",
            "playhead report --list sessions",
            "playhead report sessions --filter channel",
            "playhead report sessions --open maybe",
            "playhead report sessions --format xml",
            "playhead report sessions --lake x --server http://a",
            "playhead sql a b",
            "playhead export",
            "playhead export sesions",
            "playhead export sessions --format table",
            "playhead verify --format csv",
            "playhead maintain --server http://a --config b",
            "playhead annotate x --at soon --server http://a",
            "playhead annotate --at 2026-11-01T00:00:00Z",
            "playhead annotate x --kind party",
            "playhead annotate x --remove 0123456789abcdef",
            "playhead simulate --rate 5 --viewers 6",
            "playhead simulate --curve up",
            "playhead simulate --check a --seed 2",
            "playhead simulate --wait 5s",
            "playhead exclude --why x",
            "playhead exclude abcdef --why x --undo",
            "playhead exclude abcdef --why=",
        ] {
            assert_eq!(parse_line(line).unwrap_err().exit_code(), 2, "{line}");
        }
        for line in [
            "playhead --help",
            "playhead --version",
            "playhead sessions --help",
            "playhead simulate --help",
            "playhead report --help",
            "playhead sql --help",
            "playhead export --help",
            "playhead verify --help",
            "playhead maintain --help",
        ] {
            assert_eq!(parse_line(line).unwrap_err().exit_code(), 0, "{line}");
        }
    }
}
