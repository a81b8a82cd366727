//! Who watched: one rule for everything that counts visitors.

use playhead_protocol::{PackedParams, ParamId};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The columns that say who watched. The first that is not empty counts, so an empty id hides nobody.
pub const VISITOR_COLUMNS: [&str; 4] =
    ["marketing_cloud_user_id", "visitor_id", "app_installation_id", "session_id"];

/// The parameters behind the columns, in their order; the session's id is not a parameter.
const VISITOR_PARAMS: [ParamId; 3] = [
    ParamId::named("visitor.marketingCloudUserId"),
    ParamId::named("analytics.visitorId"),
    ParamId::named("appInstallationId"),
];

/// Who watched. An id says who only together with its kind: each kind is given out by somebody else, so that one text may
/// stand for different people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Visitor<'a> {
    /// The place of the id's column in [`VISITOR_COLUMNS`].
    kind: u8,
    /// The id.
    pub id: &'a str,
}

impl<'a> Visitor<'a> {
    /// The visitor as a number. Two that differ share one with a probability of 2^-64: among millions, none is lost.
    pub fn key(self) -> i64 {
        xxh3_64_with_seed(self.id.as_bytes(), u64::from(self.kind)).cast_signed()
    }

    /// The numbers of those whose id has this text, whatever its kind.
    pub fn keys_of(id: &str) -> [i64; VISITOR_COLUMNS.len()] {
        [0, 1, 2, 3].map(|kind| Visitor { kind, id }.key())
    }

    /// The visitor of a session of which nothing says who watched; `id` is the session's.
    pub(crate) const fn of_session(id: &'a str) -> Self {
        Self { kind: 3, id }
    }

    /// The first text that is there and not empty; `texts` are in the order of the columns.
    pub(crate) fn first_of(texts: impl Iterator<Item = Option<&'a str>>) -> Option<Self> {
        let mut ids = (0..).zip(texts);
        ids.find_map(|(kind, id)| id.filter(|id| !id.is_empty()).map(|id| Self { kind, id }))
    }
}

/// Who watched, as far as the player said; `None` if each id is absent or empty, and the session then counts as a
/// visitor of its own.
pub fn visitor_of_params(params: &PackedParams) -> Option<Visitor<'_>> {
    Visitor::first_of(VISITOR_PARAMS.into_iter().map(|id| params.text(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_those_of_the_columns() {
        let columns: Vec<_> = VISITOR_PARAMS.iter().filter_map(|id| id.param().column).collect();
        assert_eq!(columns, VISITOR_COLUMNS[..3]);
        assert_eq!(VISITOR_COLUMNS[3], "session_id");
    }

    #[test]
    fn ids_of_different_kinds_with_one_text_were_one_visitor() {
        let of = |texts: [Option<&'static str>; 4]| Visitor::first_of(texts.into_iter());
        let visitors = [
            of([Some("42"), Some("7"), None, Some("s")]),
            of([None, Some("42"), None, Some("s")]),
            of([Some(""), None, Some("42"), Some("s")]),
            of([None, None, None, Some("42")]),
        ];
        let keys: Vec<i64> = visitors.iter().flatten().map(|visitor| visitor.key()).collect();
        assert_eq!(keys, Visitor::keys_of("42"));
        let distinct: std::collections::BTreeSet<i64> = keys.into_iter().collect();
        assert_eq!(distinct.len(), 4);
    }
}
