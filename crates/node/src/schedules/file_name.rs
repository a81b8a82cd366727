//! The names of files with reports.

use jiff::Timestamp;
use playhead_report::Zone;

use crate::kept::schedule::relative_range::Ends;
use crate::limits::FILE_NAME_BYTES;

/// The name of a report's file, without the ending: schedule, range and zone.
pub(crate) fn file_stem(schedule: &str, ends: Ends, zone: &Zone) -> String {
    let (from, to) = (shown(ends.from_ms, zone), shown(ends.to_ms, zone));
    format!("{}_{from}_{to}_{}", plain(schedule), plain(zone.name()))
}

/// Only letters and digits of a text, of any script, with single hyphens for what is between them: such a name has no path,
/// no ending, and no meaning for a shell.
fn plain(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        let next = if letter.is_alphanumeric() { letter } else { '-' };
        if next == '-' && (name.is_empty() || name.ends_with('-')) {
            continue;
        }
        if name.len() + next.len_utf8() > FILE_NAME_BYTES {
            break;
        }
        name.push(next);
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "report".to_owned() } else { name.to_owned() }
}

/// A moment as the clocks of the zone show it, with their offset: an hour that comes twice has two names.
fn shown(ms: i64, zone: &Zone) -> String {
    let Ok(moment) = Timestamp::from_millisecond(ms) else { return ms.to_string() };
    let local = zone.rules().to_datetime(moment);
    let minutes = zone.rules().to_offset(moment).seconds() / 60;
    let offset = match minutes {
        0 => "Z".to_owned(),
        _ => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
    };
    format!("{}T{:02}{:02}{offset}", local.date(), local.hour(), local.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_meant_something_to_a_file_system_or_a_shell() {
        for (name, expected) in [
            ("Morning report", "Morning-report"),
            ("../../etc/passwd", "etc-passwd"),
            ("日報 2026", "日報-2026"),
            ("$(rm -rf /); `x`", "rm-rf-x"),
            ("\u{202e}gpj.exe\u{200b}", "gpj-exe"),
            ("…", "report"),
        ] {
            assert_eq!(plain(name), expected);
        }
        assert!(plain(&"長".repeat(200)).len() <= FILE_NAME_BYTES);
    }

    #[test]
    fn an_hour_that_comes_twice_had_one_name() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let ms = |text| zone.moment_ms(text).unwrap();
        let (first, second) = (ms("2026-10-25T00:00:00Z"), ms("2026-10-25T01:00:00Z"));
        let ends = Ends { from_ms: first, to_ms: second };
        assert_eq!(
            file_stem("Starts", ends, &zone),
            "Starts_2026-10-25T0200+0200_2026-10-25T0200+0100_Europe-Berlin"
        );
        assert_eq!(file_stem("Starts", ends, &Zone::UTC), "Starts_2026-10-25T0000Z_2026-10-25T0100Z_UTC");
    }
}
