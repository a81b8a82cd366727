//! Constants that PostgreSQL writes shorter than the engine reads them.

/// A length of time with hours, minutes and seconds parted by colons, in words; `None` if it has none.
pub(super) fn interval_in_words(text: &str) -> Option<String> {
    if !text.contains(':') {
        return None;
    }
    let in_words = |word: &str| -> Option<String> {
        if !word.contains(':') {
            return Some(word.to_owned());
        }
        let (sign, digits) = match word.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", word.strip_prefix('+').unwrap_or(word)),
        };
        let parts: Vec<&str> = digits.split(':').collect();
        let is_number =
            |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !parts.iter().all(is_number) {
            return None;
        }
        match parts.as_slice() {
            [hours, minutes] => Some(format!("{sign}{hours} hours {sign}{minutes} minutes")),
            [hours, minutes, seconds] => {
                Some(format!("{sign}{hours} hours {sign}{minutes} minutes {sign}{seconds} seconds"))
            }
            _ => None,
        }
    };
    let words: Option<Vec<String>> = text.split_whitespace().map(in_words).collect();
    words.map(|words| words.join(" "))
}

/// A moment whose time has hours and minutes alone, with seconds; `None` if it is not one.
pub(super) fn moment_with_seconds(text: &str) -> Option<String> {
    let text = text.trim();
    let (date, time) = text.split_once([' ', 'T'])?;
    let (clock, zone) = time.split_at_checked(5)?;
    let is_date = date.len() == 10 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_clock = clock
        .bytes()
        .enumerate()
        .all(|(at, byte)| if at == 2 { byte == b':' } else { byte.is_ascii_digit() });
    let is_zone = zone.is_empty() || zone.starts_with(['+', '-', 'Z', ' ']);
    (is_date && is_clock && is_zone).then(|| format!("{date} {clock}:00{zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_constants_are_written_out() {
        let words = |text| interval_in_words(text).unwrap_or_default();
        assert_eq!(words("1 day 04:05:06.7"), "1 day 04 hours 05 minutes 06.7 seconds");
        assert_eq!(words("-00:30"), "-00 hours -30 minutes");
        assert_eq!(interval_in_words("3 days"), None);
        assert_eq!(interval_in_words("a:b"), None);
        assert_eq!(moment_with_seconds("2026-01-02 03:04").as_deref(), Some("2026-01-02 03:04:00"));
        assert_eq!(moment_with_seconds("2026-01-02T03:04+09").as_deref(), Some("2026-01-02 03:04:00+09"));
        assert_eq!(moment_with_seconds("2026-01-02 03:04:05"), None);
        assert_eq!(moment_with_seconds("2026-01-02"), None);
    }
}
