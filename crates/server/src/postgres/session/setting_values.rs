//! Values of settings: read, checked, and written as PostgreSQL shows them.

use jiff::tz::{Offset, TimeZone};

use crate::postgres::refusal::{FIXED, INVALID_VALUE, NOT_SUPPORTED, Told};
use crate::postgres::session::known_settings::{Known, Values};

/// The value of a setting as it is kept.
///
/// # Errors
///
/// If the setting does not take it.
pub(super) fn checked(known: &Known, value: &str) -> Result<String, Told> {
    let wrong =
        || Told::new(INVALID_VALUE, format!("invalid value for parameter \"{}\": \"{value}\"", known.name));
    match known.values {
        Values::Text => Ok(value.to_owned()),
        Values::Switch => switch(value).map(str::to_owned).ok_or_else(wrong),
        Values::Only(only) => match switch(value) {
            Some(value) if value == only => Ok(only.to_owned()),
            Some(_) => Err(Told::new(NOT_SUPPORTED, format!("{} is always {only} here", known.name))),
            None => Err(wrong()),
        },
        Values::Words(words) => {
            let lower = value.to_lowercase();
            words.iter().find(|word| **word == lower).map(|word| (*word).to_owned()).ok_or_else(wrong)
        }
        Values::Number(least, most) => {
            let number: i64 = value.trim().parse().map_err(|_| wrong())?;
            if (least..=most).contains(&number) {
                return Ok(number.to_string());
            }
            let message = format!(
                "{number} is outside the valid range for parameter \"{}\" ({least} .. {most})",
                known.name
            );
            Err(Told::new(INVALID_VALUE, message))
        }
        Values::Time => milliseconds(value).map(|ms| ms.to_string()).ok_or_else(wrong),
        Values::Amount => {
            let unit = value
                .trim()
                .trim_start_matches(|letter: char| letter.is_ascii_digit() || ".-+".contains(letter));
            let number = value.trim().strip_suffix(unit).unwrap_or_default();
            let is_amount =
                number.parse::<f64>().is_ok() && ["", "B", "kB", "MB", "GB", "TB"].contains(&unit.trim());
            if is_amount { Ok(value.trim().to_owned()) } else { Err(wrong()) }
        }
        Values::Zone => zone(value).map(|zone| zone.shown).ok_or_else(wrong),
        Values::DateStyle => date_style(value).ok_or_else(|| {
            Told::new(NOT_SUPPORTED, format!("dates are written in the style ISO here, not \"{value}\""))
        }),
        Values::Encoding => {
            // Signs in a name of an encoding do not count, as in `utf-8`.
            let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
            match letters.to_lowercase().as_str() {
                "utf8" | "unicode" => return Ok("UTF8".to_owned()),
                // No encoding: bytes as they are.
                "sqlascii" => return Ok("SQL_ASCII".to_owned()),
                _ => {}
            }
            Err(Told::new(
                NOT_SUPPORTED,
                format!("texts are sent in the encoding UTF8 here, not in \"{value}\""),
            ))
        }
        Values::Fixed => Err(Told::new(FIXED, format!("parameter \"{}\" cannot be changed", known.name))),
    }
}

fn switch(value: &str) -> Option<&'static str> {
    match value.trim().to_lowercase().as_str() {
        "on" | "true" | "t" | "yes" | "y" | "1" => Some("on"),
        "off" | "false" | "f" | "no" | "n" | "0" => Some("off"),
        _ => None,
    }
}

/// A length of time in milliseconds: a number with a unit, or without one for milliseconds.
fn milliseconds(value: &str) -> Option<u64> {
    let value = value.trim();
    let digits = value.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(value.len());
    let (number, unit) = value.split_at_checked(digits)?;
    let number: f64 = number.parse().ok()?;
    let in_ms = match unit.trim() {
        "us" => 0.001,
        "" | "ms" => 1.0,
        "s" => 1_000.0,
        "min" => 60.0 * 1_000.0,
        "h" => 3_600.0 * 1_000.0,
        "d" => 86_400.0 * 1_000.0,
        _ => return None,
    };
    let ms = number * in_ms;
    // PostgreSQL keeps it as a number of 32 bits.
    (ms <= f64::from(i32::MAX)).then_some(ms.round() as u64)
}

/// A length of time as PostgreSQL shows it, in the largest unit without a fraction.
pub(super) fn shown_time(ms: &str) -> String {
    let Ok(ms) = ms.parse::<u64>() else { return ms.to_owned() };
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    match units.into_iter().find(|(length, _)| ms > 0 && ms % length == 0) {
        Some((length, unit)) => format!("{}{unit}", ms / length),
        None if ms == 0 => "0".to_owned(),
        None => format!("{ms}ms"),
    }
}

/// A time zone of a setting.
pub(super) struct Zone {
    /// As PostgreSQL shows it.
    pub(super) shown: String,
    /// As the query engine knows it.
    pub(super) engine: String,
    pub(super) zone: TimeZone,
}

/// A time zone by its name, by hours from UTC, or by an abbreviation with them.
pub(super) fn zone(value: &str) -> Option<Zone> {
    let value = value.trim();
    let fixed = |seconds: i32| {
        let zone = TimeZone::fixed(Offset::from_seconds(seconds).ok()?);
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.unsigned_abs() / 60;
        Some((format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60), zone))
    };
    if let Some(seconds) = distance_s(value) {
        let (engine, zone) = fixed(seconds)?;
        return Some(Zone { shown: engine.clone(), engine, zone });
    }
    if ["utc", "etc/utc", "gmt", "etc/gmt", "zulu", "z", "universal"].contains(&value.to_lowercase().as_str())
    {
        return Some(Zone { shown: "UTC".to_owned(), engine: "UTC".to_owned(), zone: TimeZone::UTC });
    }
    if let Ok(zone) = TimeZone::get(value) {
        let name = zone.iana_name()?.to_owned();
        return Some(Zone { shown: name.clone(), engine: name, zone });
    }
    let (engine, zone) = fixed(-distance_west_s(value)?)?;
    Some(Zone { shown: value.to_uppercase(), engine, zone })
}

/// A distance from UTC to the west behind an abbreviation, in seconds: `GMT+02:00`. That is how POSIX writes zones, so it counts
/// the other way than a distance alone; what Java calls `GMT+02:00`, pgjdbc turns into `GMT-02:00`.
fn distance_west_s(value: &str) -> Option<i32> {
    let distance = value.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let is_abbreviation = (3..=6).contains(&(value.len() - distance.len()));
    let seconds = distance_s(distance).filter(|_| is_abbreviation && !distance.contains('.'))?;
    (seconds % 60 == 0).then_some(seconds)
}

/// A distance from UTC to the east, in seconds: `+5`, `-03:30`, `5.5`.
fn distance_s(value: &str) -> Option<i32> {
    let unsigned = value.trim_start_matches(['+', '-']);
    if !unsigned.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let seconds = match unsigned.split_once(':') {
        Some((hours, minutes)) => {
            let minutes = minutes.split(':').next().unwrap_or_default();
            hours.parse::<u16>().ok().map(f64::from)? * 3_600.0
                + minutes.parse::<u8>().ok().map(f64::from)? * 60.0
        }
        None => unsigned.parse::<f64>().ok()? * 3_600.0,
    };
    let seconds = if value.starts_with('-') { -seconds } else { seconds };
    (seconds.abs() <= 18.0 * 3_600.0).then_some(seconds as i32)
}

/// A style of dates, if it writes them as ISO does.
fn date_style(value: &str) -> Option<String> {
    let mut order = "MDY";
    for part in value.split(',').map(|part| part.trim().to_lowercase()) {
        match part.as_str() {
            "iso" | "default" => {}
            "mdy" | "us" | "noneuro" | "noneuropean" => order = "MDY",
            "dmy" | "euro" | "european" => order = "DMY",
            "ymd" => order = "YMD",
            _ => return None,
        }
    }
    Some(format!("ISO, {order}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::session::known_settings::{SETTINGS, setting};

    fn value(name: &str, value: &str) -> Result<String, &'static str> {
        checked(setting(name).unwrap(), value).map_err(|told| told.code)
    }

    #[test]
    fn values_of_settings_are_checked_and_kept_as_postgresql_shows_them() {
        assert_eq!(value("statement_timeout", "2min"), Ok("120000".to_owned()));
        assert_eq!(value("statement_timeout", "1.5s"), Ok("1500".to_owned()));
        assert_eq!(value("statement_timeout", "soon"), Err(INVALID_VALUE));
        assert_eq!(value("statement_timeout", "-1"), Err(INVALID_VALUE));
        assert_eq!(shown_time("120000"), "2min");
        assert_eq!(shown_time("1500"), "1500ms");
        assert_eq!(shown_time("0"), "0");
        assert_eq!(value("extra_float_digits", "3"), Ok("3".to_owned()));
        assert_eq!(value("extra_float_digits", "4"), Err(INVALID_VALUE));
        assert_eq!(value("jit", "TRUE"), Ok("on".to_owned()));
        assert_eq!(value("standard_conforming_strings", "off"), Err(NOT_SUPPORTED));
        assert_eq!(value("client_encoding", "'utf-8'"), Ok("UTF8".to_owned()));
        assert_eq!(value("client_encoding", "LATIN1"), Err(NOT_SUPPORTED));
        assert_eq!(value("datestyle", "iso, dmy"), Ok("ISO, DMY".to_owned()));
        assert_eq!(value("datestyle", "German"), Err(NOT_SUPPORTED));
        assert_eq!(value("work_mem", "64MB"), Ok("64MB".to_owned()));
        assert_eq!(value("work_mem", "much"), Err(INVALID_VALUE));
        assert_eq!(value("server_version", "9"), Err(FIXED));
        assert_eq!(value("timezone", "europe/berlin"), Ok("Europe/Berlin".to_owned()));
        assert_eq!(value("timezone", "-3.5"), Ok("-03:30".to_owned()));
        assert_eq!(value("timezone", "+05:30"), Ok("+05:30".to_owned()));
        for wrong in ["Mars/Olympus", "GMT+", "GMT+25", "GMT+2.5", "G+2", "GMT+02:00x"] {
            assert_eq!(value("timezone", wrong), Err(INVALID_VALUE), "{wrong}");
        }
    }

    #[test]
    fn zones_with_an_abbreviation_count_to_the_west_as_in_postgresql() {
        for (written, shown, engine) in [
            ("GMT+02:00", "GMT+02:00", "-02:00"),
            ("gmt-05:30", "GMT-05:30", "+05:30"),
            ("UTC+3", "UTC+3", "-03:00"),
            ("+3", "+03:00", "+03:00"),
            ("Etc/GMT+2", "Etc/GMT+2", "Etc/GMT+2"),
        ] {
            let zone = zone(written).unwrap();
            assert_eq!((zone.shown.as_str(), zone.engine.as_str()), (shown, engine), "{written}");
            let again = super::zone(&zone.shown).unwrap();
            assert_eq!(again.engine, engine, "{written} is read again");
        }
    }

    #[test]
    fn each_setting_takes_its_own_usual_value_and_has_its_place() {
        for known in SETTINGS.iter().filter(|known| known.values != Values::Fixed) {
            assert_eq!(checked(known, known.usual), Ok(known.usual.to_owned()), "{}", known.name);
        }
        assert!(SETTINGS.iter().map(|known| known.name.to_lowercase()).is_sorted());
    }
}
