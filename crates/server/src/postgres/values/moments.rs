//! Moments as PostgreSQL writes them, in the time zone of the connection.

use std::fmt::Write;

use datafusion_postgres::pgwire::error::PgWireResult;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::postgres::refusal::refusal;

/// `datetime_field_overflow`.
const OUT_OF_RANGE: &str = "22008";

/// Writes microseconds since 1970 as a moment: in a zone with its distance from UTC, or as it is without a zone.
pub(super) fn write_moment(micros: i64, zone: Option<&TimeZone>, out: &mut String) -> PgWireResult<()> {
    let moment = Timestamp::from_microsecond(micros)
        .map_err(|_| refusal(OUT_OF_RANGE, "timestamp out of range".to_owned()))?;
    let Some(zone) = zone else {
        write_time(TimeZone::UTC.to_datetime(moment), "", out);
        return Ok(());
    };
    let offset_s = zone.to_offset(moment).seconds();
    let (sign, distance) = (if offset_s < 0 { '-' } else { '+' }, offset_s.unsigned_abs());
    let mut offset = format!("{sign}{:02}", distance / 3_600);
    for part in [distance / 60 % 60, distance % 60] {
        // Minutes and seconds are there where they count.
        if distance % 3_600 != 0 && (offset.len() == 3 || part != 0) {
            let _fits = write!(offset, ":{part:02}");
        }
    }
    write_time(zone.to_datetime(moment), &offset, out);
    Ok(())
}

fn write_time(time: DateTime, offset: &str, out: &mut String) {
    let year = i32::from(time.year());
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    let (date, clock) = (time.date(), time.time());
    // Writing to a text does not fail.
    let _fits = write!(
        out,
        "{year:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        date.month(),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    );
    write_fraction(i64::from(clock.subsec_nanosecond() / 1_000), out);
    out.push_str(offset);
    out.push_str(era);
}

/// Writes microseconds of a second, as far as they count.
fn write_fraction(micros: i64, out: &mut String) {
    if micros != 0 {
        let fraction = format!(".{micros:06}");
        out.push_str(fraction.trim_end_matches('0'));
    }
}

/// Microseconds since midnight as a time of day.
pub(super) fn clock_text(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let mut text = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    write_fraction(micros % 1_000_000, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_postgresql_does_it() {
        let text = |micros: i64, zone: Option<&str>| {
            let zone = zone.map(|zone| TimeZone::get(zone).unwrap());
            let mut text = String::new();
            write_moment(micros, zone.as_ref(), &mut text).unwrap();
            text
        };
        assert_eq!(text(0, None), "1970-01-01 00:00:00");
        assert_eq!(text(1_500_000, Some("UTC")), "1970-01-01 00:00:01.5+00");
        assert_eq!(text(-1, Some("UTC")), "1969-12-31 23:59:59.999999+00");
        assert_eq!(text(1_751_371_200_000_000, Some("Asia/Kolkata")), "2025-07-01 17:30:00+05:30");
        assert_eq!(text(1_751_371_200_000_000, Some("America/St_Johns")), "2025-07-01 09:30:00-02:30");
        assert_eq!(text(0, Some("Africa/Monrovia")), "1969-12-31 23:15:30-00:44:30");
        assert_eq!(text(-62_198_755_200_000_000, None), "0002-01-01 00:00:00 BC");
        assert_eq!(clock_text(11_045_250_000), "03:04:05.25");
        assert!(write_moment(i64::MAX, None, &mut String::new()).is_err());
    }
}
