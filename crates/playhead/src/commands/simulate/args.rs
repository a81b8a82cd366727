//! The arguments of `playhead simulate`.

use std::path::PathBuf;

use playhead_simulate::{Curve, Profile};

use crate::settings::period::{Delay, Period};
use crate::source::place::LakePlaceArgs;

/// The server that gets the load if none is named.
pub(crate) const USUAL_SERVER: &str = "http://127.0.0.1:8080";

/// The arguments of `playhead simulate`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SimulateArgs {
    /// The server that gets the load, http://127.0.0.1:8080 if none is named; with --check, what is checked.
    #[command(flatten)]
    pub place: LakePlaceArgs,
    /// Viewers at one time
    #[arg(long, value_name = "N", default_value_t = 100, conflicts_with = "check")]
    pub viewers: u32,
    /// Sessions that start each second, in place of a number of viewers
    #[arg(long, value_name = "N", conflicts_with_all = ["check", "viewers"])]
    pub rate: Option<f64>,
    /// For how long viewers come
    #[arg(long, value_name = "TIME", default_value = "1m", conflicts_with = "check")]
    pub duration: Period,
    /// When they come and go: steady, kick-off (all within a minute) or final-whistle (all go within a minute)
    #[arg(
        long,
        value_name = "CURVE",
        default_value = "steady",
        value_parser = curve,
        conflicts_with = "check"
    )]
    pub curve: Curve,
    /// What they watch: vod, live or mixed
    #[arg(
        long,
        value_name = "PROFILE",
        default_value = "mixed",
        value_parser = profile,
        conflicts_with = "check"
    )]
    pub profile: Profile,
    /// The same seed makes the same audience
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "check")]
    pub seed: u64,
    /// How much shorter everything is: contents, ads, pauses, the time between pings
    #[arg(long, value_name = "N", default_value_t = 1.0, conflicts_with = "check")]
    pub speed: f64,
    /// Connections at most
    #[arg(long, value_name = "N", default_value_t = 256, conflicts_with = "check")]
    pub connections: usize,
    /// Threads that send, each for its share of the viewers
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "check")]
    pub threads: usize,
    /// The name of the run, in the custom metadata `run` of its sessions [default: a random one]
    #[arg(long, value_name = "NAME", conflicts_with = "check")]
    pub run: Option<String>,
    /// Write the totals that reports must show into this file
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    pub expect: Option<PathBuf>,
    /// Send nothing; hold the reports against the totals in this file
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
    /// For how long --check waits until all sessions have closed
    #[arg(long, value_name = "TIME", default_value = "15m", requires = "check")]
    pub wait: Delay,
    /// Write the results into this file as JSON, too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

fn curve(text: &str) -> Result<Curve, String> {
    match text {
        "steady" => Ok(Curve::Steady),
        "kick-off" => Ok(Curve::KickOff),
        "final-whistle" => Ok(Curve::FinalWhistle),
        _ => Err("write steady, kick-off or final-whistle".into()),
    }
}

fn profile(text: &str) -> Result<Profile, String> {
    match text {
        "vod" => Ok(Profile::Vod),
        "live" => Ok(Profile::Live),
        "mixed" => Ok(Profile::Mixed),
        _ => Err("write vod, live or mixed".into()),
    }
}
