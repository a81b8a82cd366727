//! Sizes and counts of settings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::settings::written_value;

/// Units, the largest first.
const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// The largest size of a setting: 1024 TiB.
const LARGEST_BYTES: u64 = 1 << 50;

/// The largest count of a setting.
const LARGEST_COUNT: usize = 1_000_000_000;

/// The text is not a size or count, or the setting does not allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongSize(String);

/// A number of bytes, above zero: `1073741824`, `4GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size {
    bytes: u64,
}

impl Size {
    /// A number of bytes; only for defaults, which are known to be above zero.
    pub(crate) const fn of_bytes(bytes: u64) -> Self {
        Self { bytes }
    }

    /// In bytes.
    pub(crate) const fn as_bytes(self) -> u64 {
        self.bytes
    }

    fn checked(bytes: u64) -> Result<Self, WrongSize> {
        match bytes {
            0 => Err(WrongSize("the size must not be zero".into())),
            1..=LARGEST_BYTES => Ok(Self { bytes }),
            _ => Err(WrongSize("the size must be at most 1024TiB".into())),
        }
    }
}

impl FromStr for Size {
    type Err = WrongSize;

    fn from_str(text: &str) -> Result<Self, WrongSize> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit_bytes = match unit {
            "" => Some(1),
            _ => UNITS.iter().find(|(name, _)| *name == unit).map(|(_, unit_bytes)| *unit_bytes),
        };
        let (false, Some(unit_bytes)) = (number.is_empty(), unit_bytes) else {
            return Err(WrongSize(format!(
                "`{text}` is not a size; write bytes, or a whole number with KiB, MiB, GiB or TiB, such as 4GiB"
            )));
        };
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit_bytes));
        Self::checked(bytes.unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, unit_bytes)| self.bytes.is_multiple_of(*unit_bytes)) {
            Some((unit, unit_bytes)) => write!(f, "{}{unit}", self.bytes / unit_bytes),
            None => write!(f, "{}", self.bytes),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}

/// A count from 1 to a thousand million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Count(usize);

impl Count {
    /// A count; only for defaults, which are known to be within the limits.
    pub(crate) const fn of(count: usize) -> Self {
        Self(count)
    }

    /// The number.
    pub(crate) const fn get(self) -> usize {
        self.0
    }
}

impl FromStr for Count {
    type Err = WrongSize;

    fn from_str(text: &str) -> Result<Self, WrongSize> {
        let count = text.parse().ok().filter(|count| (1..=LARGEST_COUNT).contains(count));
        count.map(Self).ok_or_else(|| {
            WrongSize(format!("`{text}` is not a count; write a whole number from 1 to {LARGEST_COUNT}"))
        })
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}

/// A limit that `none` disables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit<T> {
    /// `none`: no limit.
    Unlimited,
    /// The limit.
    At(T),
}

impl<T> Limit<T> {
    /// The limit, if there is one.
    pub(crate) fn get(self) -> Option<T> {
        match self {
            Self::Unlimited => None,
            Self::At(limit) => Some(limit),
        }
    }
}

impl<T: FromStr> FromStr for Limit<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text == "none" { Ok(Self::Unlimited) } else { text.parse().map(Self::At) }
    }
}

impl<T: fmt::Display> fmt::Display for Limit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("none"),
            Self::At(limit) => limit.fmt(f),
        }
    }
}

impl<T: fmt::Display> Serialize for Limit<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Limit<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::period::Period;

    #[test]
    fn sizes_are_read_and_written_alike() {
        for (text, bytes) in [("1", 1), ("4GiB", 4 << 30), ("1536MiB", 1536 << 20), ("1025", 1025)] {
            let size: Size = text.parse().unwrap();
            assert_eq!(size.as_bytes(), bytes);
            assert_eq!(size.to_string(), text);
        }
        assert_eq!("1048576".parse::<Size>().unwrap().to_string(), "1MiB");
    }

    #[test]
    fn an_invalid_size_is_refused_with_the_reason() {
        let cases = [
            ("", "is not a size"),
            ("4GB", "is not a size"),
            ("4 GiB", "is not a size"),
            ("-1", "is not a size"),
            ("GiB", "is not a size"),
            ("0", "zero"),
            ("1025TiB", "at most"),
            ("99999999999999999999", "at most"),
        ];
        for (text, reason) in cases {
            let error = text.parse::<Size>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn limits_can_be_switched_off() {
        assert_eq!("none".parse::<Limit<Period>>().unwrap().get(), None);
        assert_eq!("30d".parse::<Limit<Period>>().unwrap().get(), Some(Period::days(30)));
        assert!("never".parse::<Limit<Period>>().unwrap_err().to_string().contains("is not a duration"));
        assert_eq!(Limit::<Period>::Unlimited.to_string(), "none");
    }

    #[test]
    fn counts_lie_between_one_and_a_thousand_million() {
        assert_eq!("16384".parse::<Count>().unwrap().get(), 16_384);
        for text in ["0", "-1", "many", "1000000001", ""] {
            assert!(text.parse::<Count>().is_err(), "{text}");
        }
    }
}
