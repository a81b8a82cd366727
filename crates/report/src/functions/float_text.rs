//! Floats as PostgreSQL writes them: `8`, `0.1`, `1e+15`. The engine writes `8.0` and `1e15`.

/// Digits that any number of 64 bits keeps.
const DOUBLE_DIGITS: i32 = 15;
/// Digits that any number of 32 bits keeps.
const SINGLE_DIGITS: i32 = 6;

/// A number of 64 bits as text. With `extra_digits` above 0 (`extra_float_digits`) it has as many digits as tell it from all
/// others, and otherwise so many more, or fewer, than any such number keeps.
pub fn double_text(value: f64, extra_digits: i8) -> String {
    let digits = (DOUBLE_DIGITS + i32::from(extra_digits)).max(1);
    let scientific = match extra_digits {
        1.. => format!("{value:e}"),
        _ => format!("{value:.*e}", fraction(digits)),
    };
    special(value).unwrap_or_else(|| laid_out(&scientific, digits.min(DOUBLE_DIGITS)))
}

/// A number of 32 bits as text, by the same rules.
pub fn single_text(value: f32, extra_digits: i8) -> String {
    let digits = (SINGLE_DIGITS + i32::from(extra_digits)).max(1);
    let scientific = match extra_digits {
        1.. => format!("{value:e}"),
        _ => format!("{value:.*e}", fraction(digits)),
    };
    special(f64::from(value)).unwrap_or_else(|| laid_out(&scientific, digits.min(SINGLE_DIGITS)))
}

/// How many of these digits are behind the point, where one is before it.
fn fraction(digits: i32) -> usize {
    usize::try_from(digits - 1).unwrap_or_default()
}

fn special(value: f64) -> Option<String> {
    if value.is_nan() {
        return Some("NaN".to_owned());
    }
    value.is_infinite().then(|| if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned())
}

/// A number in scientific form (`-1.5e-7`) as PostgreSQL lays it out: with an exponent only where it is small, or has more
/// places before the point than `most`.
fn laid_out(scientific: &str, most: i32) -> String {
    let (sign, unsigned) = scientific.strip_prefix('-').map_or(("", scientific), |unsigned| ("-", unsigned));
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let all: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let (first, rest) = all.split_at_checked(1).unwrap_or(("0", ""));
    let rest = rest.trim_end_matches('0');
    let point = |fraction: &str| if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    if !(-4..most).contains(&exponent) {
        let sign_of_exponent = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}{}e{sign_of_exponent}{:02}", point(rest), exponent.unsigned_abs());
    }
    match usize::try_from(exponent) {
        Ok(before) => {
            let whole = rest.get(..before).unwrap_or(rest);
            format!("{sign}{first}{whole:0<before$}{}", point(rest.get(before..).unwrap_or_default()))
        }
        Err(_negative) => {
            let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or_default());
            format!("{sign}0.{zeros}{first}{rest}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PostgreSQL 16 writes for these.
    #[test]
    fn floats_are_written_as_postgresql_writes_them() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (8.0, "8"),
            (-8.5, "-8.5"),
            (0.1, "0.1"),
            (100.0, "100"),
            (12_345.678, "12345.678"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e14, "100000000000000"),
            (1e15, "1e+15"),
            (1_234_567_890_123_456.0, "1.234567890123456e+15"),
            (-1e300, "-1e+300"),
            (5e-324, "5e-324"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(double_text(value, 1), expected);
        }
        assert_eq!(double_text(0.1 + 0.2, 0), "0.3");
        assert_eq!(double_text(123_456.0, -12), "1.23e+05");
        assert_eq!(double_text(8.0, -15), "8");
        for (value, expected) in
            [(8.0, "8"), (0.1, "0.1"), (123_456.0, "123456"), (1_234_567.0, "1.234567e+06")]
        {
            assert_eq!(single_text(value, 1), expected);
        }
    }
}
