//! The times below a chart, as clocks in its zone show them.

use playhead_picture::Tick;
use playhead_protocol::time::{HOUR_MS, MINUTE_MS};
use playhead_report::Zone;

use crate::kept::schedule::relative_range::Ends;

/// At most so many times below a chart.
const TICKS: i64 = 12;

/// Minutes between two times; each divides a day.
const MINUTES: [i64; 10] = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720];

const DAY_MINUTES: i64 = 24 * 60;

/// The times below a range: full minutes or hours of a short one, days of a long one.
pub(super) fn ticks(ends: Ends, zone: &Zone) -> Vec<Tick> {
    let length_ms = ends.to_ms.saturating_sub(ends.from_ms).max(1);
    let step = MINUTES.into_iter().find(|minutes| length_ms / (minutes * MINUTE_MS) <= TICKS);
    match step {
        Some(minutes) => minute_ticks(ends, zone, minutes),
        None => day_ticks(ends, zone, length_ms / (DAY_MINUTES * MINUTE_MS) / TICKS + 1),
    }
}

/// What clocks show: the date, and the minute of the day.
fn shown(zone: &Zone, at_ms: i64) -> Option<(String, i64)> {
    let written = zone.written(at_ms);
    let (hour, minute) =
        (written.get(11..13)?.parse::<i64>().ok()?, written.get(14..16)?.parse::<i64>().ok()?);
    Some((written.get(..10)?.to_owned(), hour * 60 + minute))
}

fn minute_ticks(ends: Ends, zone: &Zone, minutes: i64) -> Vec<Tick> {
    // Clocks of zones stand quarters of an hour apart, so no full step is missed.
    let each_ms = minutes.min(15) * MINUTE_MS;
    let first = ends.from_ms.div_euclid(each_ms) * each_ms;
    let count = (ends.to_ms - first) / each_ms;
    let at = (0..=count).map(|number| first + number * each_ms).filter(|at_ms| *at_ms >= ends.from_ms);
    at.filter_map(|at_ms| {
        let (date, minute) = shown(zone, at_ms)?;
        let text = match minute {
            0 => date.get(5..)?.to_owned(),
            _ => format!("{:02}:{:02}", minute / 60, minute % 60),
        };
        (minute % minutes == 0).then_some(Tick { at_ms, text })
    })
    .collect()
}

fn day_ticks(ends: Ends, zone: &Zone, days: i64) -> Vec<Tick> {
    let first = ends.from_ms.div_euclid(HOUR_MS) * HOUR_MS;
    let count = (ends.to_ms - first) / HOUR_MS;
    let mut ticks: Vec<Tick> = Vec::new();
    let mut number = 0;
    let mut last = String::new();
    for at_ms in (0..=count).map(|hour| first + hour * HOUR_MS).filter(|at_ms| *at_ms >= ends.from_ms) {
        let Some((date, _)) = shown(zone, at_ms) else { continue };
        if date == last {
            continue;
        }
        if number % days == 0 {
            ticks.push(Tick { at_ms, text: date.get(5..).unwrap_or_default().to_owned() });
        }
        number += 1;
        last = date;
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(from: &str, to: &str, zone: &str) -> Vec<String> {
        let zone = Zone::named(zone).unwrap();
        let ends = Ends { from_ms: zone.moment_ms(from).unwrap(), to_ms: zone.moment_ms(to).unwrap() };
        ticks(ends, &zone).into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn times_below_a_chart_were_those_of_another_zone() {
        assert_eq!(
            texts("2026-11-01", "2026-11-01T06:00", "Asia/Kathmandu")[..3],
            ["11-01", "00:30", "01:00"]
        );
        let day = texts("2026-11-01", "2026-11-02", "Europe/Berlin");
        assert_eq!(day[..3], ["11-01", "02:00", "04:00"], "{day:?}");
        let long = texts("2026-10-01", "2026-11-01", "Europe/Berlin");
        assert_eq!(long[..3], ["10-01", "10-04", "10-07"], "{long:?}");
        assert!(texts("2025-11-01", "2026-11-01", "America/Los_Angeles").len() <= 13);
    }

    #[test]
    fn a_day_whose_clocks_are_set_had_times_twice_or_none() {
        let texts = texts("2026-10-25", "2026-10-26", "Europe/Berlin");
        assert_eq!(texts.iter().filter(|text| *text == "04:00").count(), 1, "{texts:?}");
        assert!(texts.contains(&"22:00".to_owned()), "{texts:?}");
    }
}
