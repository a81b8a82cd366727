//! Numbers of any precision (`numeric`) in PostgreSQL's binary form.

/// The sign of a negative number.
const NEGATIVE: u16 = 0x4000;

/// The binary form of a number by its digits (`-12.50`): groups of four decimal digits, counted from the decimal point.
pub(super) fn binary_number(digits: &str) -> Vec<u8> {
    let unsigned = digits.trim_start_matches(['-', '+']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = whole.trim_start_matches('0');
    let before = whole.len().div_ceil(4);
    let padded = format!(
        "{whole:0>before$}{fraction:0<after$}",
        before = before * 4,
        after = fraction.len().div_ceil(4) * 4
    );
    let group = |digits: &[u8]| {
        digits.iter().fold(0_u16, |sum, digit| sum * 10 + u16::from(digit.wrapping_sub(b'0') % 10))
    };
    let groups: Vec<u16> = padded.as_bytes().chunks(4).map(group).collect();
    // Groups of zeros at either end are left out.
    let first = groups.iter().position(|group| *group != 0).unwrap_or(groups.len());
    let last = groups.iter().rposition(|group| *group != 0).map_or(first, |last| last + 1);
    let kept = groups.get(first..last).unwrap_or_default();
    let weight = if kept.is_empty() { 0 } else { small(before) - 1 - small(first) };
    let is_negative = digits.starts_with('-') && !kept.is_empty();
    let mut binary = Vec::with_capacity(8 + kept.len() * 2);
    binary.extend_from_slice(&small(kept.len()).to_be_bytes());
    binary.extend_from_slice(&weight.to_be_bytes());
    binary.extend_from_slice(&(if is_negative { NEGATIVE } else { 0 }).to_be_bytes());
    binary.extend_from_slice(&small(fraction.len()).to_be_bytes());
    for group in kept {
        binary.extend_from_slice(&group.to_be_bytes());
    }
    binary
}

/// A count of digits, of which the query engine has at most 76.
fn small(count: usize) -> i16 {
    i16::try_from(count).unwrap_or(i16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PostgreSQL sends for these numbers (`select x::numeric`, binary).
    #[test]
    fn numbers_have_the_bytes_that_postgresql_sends() {
        for (digits, expected) in [
            ("0", &[0_i16, 0, 0, 0][..]),
            ("0.00", &[0, 0, 0, 2]),
            ("1", &[1, 0, 0, 0, 1]),
            ("-1", &[1, 0, 0x4000, 0, 1]),
            ("12345.678", &[3, 1, 0, 3, 1, 2345, 6780]),
            ("0.0001", &[1, -1, 0, 4, 1]),
            ("0.00001", &[1, -2, 0, 5, 1000]),
            ("10000", &[1, 1, 0, 0, 1]),
            ("18446744073709551615", &[5, 4, 0, 0, 1844, 6744, 737, 955, 1615]),
        ] {
            let bytes: Vec<u8> = expected.iter().flat_map(|part| part.to_be_bytes()).collect();
            assert_eq!(binary_number(digits), bytes, "{digits}");
        }
    }
}
