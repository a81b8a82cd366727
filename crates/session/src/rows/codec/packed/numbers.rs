//! Numbers of few bytes if they are small.

/// Appends a number, seven bits a byte, the lowest first.
pub(crate) fn push_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number off the front; `None` if the bytes end before it does, or it has more than 64 bits.
pub(crate) fn take_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, left) = rest.split_first()?;
        *rest = left;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// A number that may be negative, so that it is small if it lies near zero.
pub(crate) const fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

pub(crate) const fn of_zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Beyond so many thousandths a float does not tell each from its neighbours.
const THOUSANDTHS_MAX: f64 = (1_u64 << 52) as f64;

fn of_thousandths(thousandths: i64) -> f64 {
    thousandths as f64 / 1_000.0
}

/// Appends a float with all its bits.
pub(crate) fn push_float(bytes: &mut Vec<u8>, float: f64) {
    let nearest = (float * 1_000.0).round();
    let thousandths = nearest as i64;
    // By its bits: -0.0 is not 0.0.
    if nearest.abs() < THOUSANDTHS_MAX && of_thousandths(thousandths).to_bits() == float.to_bits() {
        push_varint(bytes, zigzag(thousandths) << 1);
    } else {
        push_varint(bytes, 1);
        bytes.extend(float.to_le_bytes());
    }
}

/// Takes a float off the front; `None` if there is none.
pub(crate) fn take_float(rest: &mut &[u8]) -> Option<f64> {
    let number = take_varint(rest)?;
    if number & 1 == 0 {
        return Some(of_thousandths(of_zigzag(number >> 1)));
    }
    let (float, left) = rest.split_first_chunk().filter(|_| number == 1)?;
    *rest = left;
    Some(f64::from_le_bytes(*float))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(number in any::<i64>(), bits in any::<u64>(), thousandths in any::<i32>()) {
            for number in [number, number >> 40, i64::MIN, i64::MAX] {
                let mut bytes = Vec::new();
                push_varint(&mut bytes, zigzag(number));
                let mut rest = bytes.as_slice();
                prop_assert_eq!(take_varint(&mut rest).map(of_zigzag), Some(number));
                prop_assert!(rest.is_empty() && bytes.len() <= 10);
            }
            let near = f64::from(thousandths) / 1_000.0;
            for float in [f64::from_bits(bits), near, -0.0, f64::NAN, f64::NEG_INFINITY, f64::MIN_POSITIVE, 1e300] {
                let mut bytes = Vec::new();
                push_float(&mut bytes, float);
                let mut rest = bytes.as_slice();
                prop_assert_eq!(take_float(&mut rest).map(f64::to_bits), Some(float.to_bits()));
                prop_assert!(rest.is_empty());
            }
        }
    }

    #[test]
    fn a_number_that_never_ends_is_none() {
        assert_eq!(take_varint(&mut [0xff; 32].as_slice()), None);
        assert_eq!(take_varint(&mut [0x80; 3].as_slice()), None);
        assert_eq!(take_varint(&mut [[0xff; 9].as_slice(), &[2]].concat().as_slice()), None);
    }
}
