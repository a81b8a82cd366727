//! What a run is asked to do, and its limits.

use playhead_protocol::time::{DAY_MS, MINUTE_MS};
use serde::{Deserialize, Serialize};

/// The most viewers at one time.
pub(crate) const VIEWERS_MAX: u32 = 2_000_000;
/// The most connections to the server.
pub(crate) const CONNECTIONS_MAX: usize = 16_384;
/// The most threads that send.
pub(crate) const THREADS_MAX: usize = 64;
/// The most sessions that start in a second.
pub(crate) const RATE_MAX: f64 = 100_000.0;
/// The longest run, ms.
pub(crate) const DURATION_MAX_MS: i64 = 7 * DAY_MS;
/// The highest compression of time.
pub(crate) const SPEED_MAX: f64 = 1_000.0;
/// The longest name of a run, bytes.
pub(crate) const RUN_BYTES_MAX: usize = 64;

/// When viewers come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Curve {
    /// They come within the first minute, and each who goes is followed by another.
    Steady,
    /// All come around one moment of the first minute.
    KickOff,
    /// All who are there at the end go within one minute.
    FinalWhistle,
}

/// What they watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Films, episodes and clips.
    Vod,
    /// Live channels with ad breaks at the same moment for all.
    Live,
    /// Both.
    Mixed,
}

/// An audience.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The name of the run: custom metadata `run` of each of its sessions.
    pub run: String,
    /// The seed: the same one makes the same audience.
    pub seed: u64,
    /// Viewers at one time.
    pub viewers: u32,
    /// Sessions that start in each second, whatever goes on; in place of a number of viewers.
    pub rate: Option<f64>,
    /// For how long viewers come, ms.
    pub duration_ms: i64,
    /// When they come and go.
    pub curve: Curve,
    /// What they watch.
    pub profile: Profile,
    /// How much shorter everything is: contents, ads, pauses and the time between pings.
    pub speed: f64,
    /// The most connections at one time.
    pub connections: usize,
    /// Threads that send, each the requests of its share of the viewers; what is sent is the same for any number.
    #[serde(default)]
    pub threads: usize,
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The setting, as its flag is called.
    pub flag: &'static str,
    /// What is wrong with it, as a phrase whose subject is its value.
    pub message: String,
}

impl Settings {
    /// All faults of the settings.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut check = |is_fine: bool, flag, message: String| {
            if !is_fine {
                faults.push(Fault { flag, message });
            }
        };
        let viewers = 1..=VIEWERS_MAX;
        check(viewers.contains(&self.viewers), "--viewers", format!("must be from 1 to {VIEWERS_MAX}"));
        let is_rate = |rate: f64| rate > 0.0 && rate <= RATE_MAX;
        let rate_message = format!("must be above 0 and at most {RATE_MAX} sessions a second");
        check(self.rate.is_none_or(is_rate), "--rate", rate_message);
        let is_steady = self.rate.is_none() || self.curve == Curve::Steady;
        check(is_steady, "--rate", "belongs to the curve steady".into());
        let duration = 1..=DURATION_MAX_MS;
        check(
            duration.contains(&self.duration_ms),
            "--duration",
            "must be above 0 and at most 7 days".into(),
        );
        let is_speed = self.speed >= 1.0 && self.speed <= SPEED_MAX;
        check(is_speed, "--speed", format!("must be from 1 to {SPEED_MAX}"));
        let connections = 1..=CONNECTIONS_MAX;
        let connections_message = format!("must be from 1 to {CONNECTIONS_MAX}");
        check(connections.contains(&self.connections), "--connections", connections_message);
        let threads = 1..=THREADS_MAX;
        check(threads.contains(&self.threads), "--threads", format!("must be from 1 to {THREADS_MAX}"));
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_run = (1..=RUN_BYTES_MAX).contains(&self.run.len()) && self.run.bytes().all(is_plain);
        let run_message =
            format!("must be 1 to {RUN_BYTES_MAX} letters, digits, dots, hyphens or underscores");
        check(is_run, "--run", run_message);
        faults
    }

    /// A length of time of the audience in ms of the clock: at least 1.
    pub(crate) fn scaled_ms(&self, ms: i64) -> i64 {
        ((ms as f64 / self.speed) as i64).max(1)
    }

    /// For how long viewers come until all seats are taken, ms.
    pub(crate) fn ramp_ms(&self) -> i64 {
        self.scaled_ms(MINUTE_MS).min(self.duration_ms)
    }

    /// Within which time after the end of the run all go who are still there, ms.
    pub(crate) fn leaving_ms(&self) -> i64 {
        let minutes = if self.curve == Curve::FinalWhistle { 1 } else { 3 };
        self.scaled_ms(minutes * MINUTE_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_are_told_at_once() {
        let settings = Settings {
            run: "a b".into(),
            seed: 1,
            viewers: 0,
            rate: Some(-1.0),
            duration_ms: 0,
            curve: Curve::KickOff,
            profile: Profile::Vod,
            speed: f64::NAN,
            connections: 0,
            threads: 0,
        };
        let flags: Vec<_> = settings.faults().iter().map(|fault| fault.flag).collect();
        let expected =
            ["--viewers", "--rate", "--rate", "--duration", "--speed", "--connections", "--threads", "--run"];
        assert_eq!(flags, expected);
    }
}
