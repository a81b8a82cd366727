//! `playhead serve`: assembles the server, runs it, stops it.

pub(crate) mod banner;
pub(crate) mod launcher;
pub(crate) mod open_files;
pub(crate) mod print_config;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use playhead_dashboard::Dashboard;
use playhead_journal::SqliteJournal;
use playhead_node::clock::{Clock, SystemClock};
use playhead_server::{Outside, Server};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::commands::randomness::randomness;
use crate::commands::reporter::Orders;
use crate::commands::serve::banner::Banner;
use crate::commands::serve::launcher::Launcher;
use crate::error::Error;
use crate::settings::environment::Environment;
use crate::settings::{Effective, Layer};
use crate::settings::{config_file, logs};
use crate::terminal::tables::Terminal;

/// The interval between checks that the server still works.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// The arguments of `playhead serve`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ServeArgs {
    /// Configuration file (TOML); its keys are the settings below, with _ instead of -
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print the settings in force and their origins as a configuration file, and exit
    #[arg(long)]
    pub print_config: bool,
    /// Replace the admin token that an earlier start created, and print the new one
    #[arg(long)]
    pub new_admin_token: bool,
    /// The settings.
    #[command(flatten)]
    pub settings: Layer,
}

/// Runs a server until it is told to stop.
///
/// # Errors
///
/// If a setting is invalid, the server cannot start, or it stops by itself.
pub(crate) fn serve(
    args: ServeArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let file = args.config.as_deref().map(config_file::read).transpose()?;
    let effective = Effective::resolve(args.settings, environment.settings()?, file.unwrap_or_default());
    if args.new_admin_token && effective.admin_token.value.is_set() {
        return Err(Error::WrongCall(format!(
            "--new-admin-token cannot be used while admin_token is set ({})",
            effective.admin_token.source
        )));
    }
    if args.print_config {
        out.write_all(print_config::print_config(&effective)?.as_bytes())?;
        return Ok(());
    }
    let is_coloured = terminal.is_stderr && terminal.is_styled;
    logs::start(&effective.log.value, effective.log_format.value, is_coloured)?;
    open_files::raise_limit(effective.connections.value.get());

    let settings = effective.server_settings(args.new_admin_token);
    let options = effective.journal_options(SystemClock.now_ms());
    let journal = Box::new(SqliteJournal::open(&effective.data.value, options)?);
    let lake = effective.lake_location(environment.object_store())?;
    let orders = Orders {
        data: effective.data.value.clone(),
        lake: effective.lake.value.clone(),
        engine: settings.queries.engine(&settings.lake),
        memory_bytes: settings.queries.process_memory_bytes(),
        log: effective.log.value.clone(),
        log_format: effective.log_format.value,
        is_coloured,
    };
    let outside = Outside {
        journal,
        clock: Arc::new(SystemClock),
        random: randomness()?,
        lake,
        dashboard: Dashboard::embedded(),
        reporter: Arc::new(Launcher::new(&orders, environment.names())?),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| system("cannot start the runtime", &error))?;
    let outcome = runtime.block_on(async {
        let mut signals = Signals::new()?;
        let server = Server::start(settings, outside).await?;
        let banner = Banner {
            address: server.address(),
            postgres_address: server.postgres_address(),
            settings: &effective,
            made_token: server.made_token(),
        };
        print_banner(&banner, out);
        run(server, &mut signals).await
    });
    // After a second signal, the shutdown does not wait for running tasks.
    runtime.shutdown_background();
    outcome
}

/// Prints the banner; a server runs even if nobody reads its output.
fn print_banner(banner: &Banner<'_>, out: &mut dyn Write) {
    if let Err(error) = out.write_all(banner.text().as_bytes()).and_then(|()| out.flush()) {
        tracing::warn!(%error, "cannot write to standard output");
    }
    tracing::info!(address = %banner.address, "listening");
}

async fn run(server: Server, signals: &mut Signals) -> Result<(), Error> {
    let mut watch = tokio::time::interval(WATCH_INTERVAL);
    loop {
        tokio::select! {
            name = signals.next() => {
                tracing::info!(signal = name, "stopping; a second signal ends at once");
                break;
            }
            _ = watch.tick() => {
                if server.has_failed() {
                    server.stop().await?;
                    return Err(Error::System {
                        context: "the server stopped by itself",
                        message: "its writer ended without a reason".into(),
                    });
                }
            }
        }
    }
    tokio::select! {
        outcome = server.stop() => {
            outcome?;
            tracing::info!("stopped");
            Ok(())
        }
        _ = signals.next() => Err(Error::StoppedAtOnce),
    }
}

/// The signals that end a server.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self, Error> {
        let listen = |kind| signal(kind).map_err(|error| system("cannot listen for signals", &error));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

fn system(context: &'static str, error: &dyn std::fmt::Display) -> Error {
    Error::System { context, message: error.to_string() }
}
