//! When sessions begin: more on weekends and in the course of a year, most in the evening.

use playhead_protocol::time::DAY_MS;

use crate::settings::SampleSettings;
use playhead_random::Random;

/// How many viewers begin in each hour of a day (UTC), in parts.
const HOURS: [u32; 24] =
    [20, 12, 8, 6, 5, 7, 14, 24, 30, 32, 34, 40, 48, 46, 44, 46, 54, 70, 96, 124, 136, 120, 80, 42];

/// The start of every session, by its number.
#[derive(Debug, Clone)]
pub(crate) struct Starts {
    first_day_ms: i64,
    /// The number of the first session of each day, and behind them the number of all.
    first_of_day: Vec<u64>,
    /// The share of a day's sessions that have begun before each hour.
    begun_by_hour: [f64; 25],
}

impl Starts {
    pub(crate) fn new(settings: &SampleSettings) -> Self {
        let days = settings.days.max(1);
        let weight = |day: u32| {
            let of_week = [1.0, 0.94, 0.96, 0.98, 1.1, 1.34, 1.28][day as usize % 7];
            // A third more viewers at the end than at the beginning.
            of_week * (3.0 + f64::from(day) / f64::from(days))
        };
        let total: f64 = (0..days).map(weight).sum();
        let mut sum = 0.0;
        let mut first_of_day = vec![0];
        for day in 0..days {
            sum += weight(day);
            first_of_day.push((sum / total * settings.sessions as f64).round() as u64);
        }
        if let Some(last) = first_of_day.last_mut() {
            *last = settings.sessions;
        }
        let all: u32 = HOURS.iter().sum();
        let mut begun_by_hour = [0.0; 25];
        for (hour, parts) in HOURS.iter().enumerate() {
            begun_by_hour[hour + 1] = begun_by_hour[hour] + f64::from(*parts) / f64::from(all);
        }
        Self { first_day_ms: settings.first_day_ms, first_of_day, begun_by_hour }
    }

    /// When a session begins, ms since the epoch: never before one with a lower number.
    pub(crate) fn start_ms(&self, session: u64, random: &mut Random) -> i64 {
        let day = self.first_of_day.partition_point(|&first| first <= session).saturating_sub(1);
        let first = self.first_of_day[day];
        let count = self.first_of_day.get(day + 1).map_or(1, |next| next - first).max(1);
        let share = ((session - first) as f64 + random.unit()) / count as f64;
        let hour = self.begun_by_hour.partition_point(|&begun| begun <= share).clamp(1, 24) - 1;
        let (from, to) = (self.begun_by_hour[hour], self.begun_by_hour[hour + 1]);
        let ms = (hour as f64 + (share - from) / (to - from)) * 3_600_000.0;
        self.first_day_ms + day as i64 * DAY_MS + (ms as i64).min(DAY_MS - 1)
    }
}
