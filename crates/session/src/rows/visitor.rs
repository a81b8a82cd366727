//! Who watched: one rule for everything that counts visitors.

use playhead_protocol::{PackedParams, ParamId};

/// The columns that say who watched. The first that is not empty counts, so an empty id hides nobody.
pub const VISITOR_COLUMNS: [&str; 4] =
    ["marketing_cloud_user_id", "visitor_id", "app_installation_id", "session_id"];

/// The parameters behind the columns, in their order; the session's id is not a parameter.
const VISITOR_PARAMS: [ParamId; 3] = [
    ParamId::named("visitor.marketingCloudUserId"),
    ParamId::named("analytics.visitorId"),
    ParamId::named("appInstallationId"),
];

/// Who watched, as far as the player said; `None` if each id is absent or empty, and the session then counts as a
/// visitor of its own.
pub fn visitor_of_params(params: &PackedParams) -> Option<&str> {
    first_that_says_something(VISITOR_PARAMS.into_iter().map(|id| params.text(id)))
}

/// Who watched: the first text that is there and not empty.
pub(crate) fn first_that_says_something<'a>(
    mut texts: impl Iterator<Item = Option<&'a str>>,
) -> Option<&'a str> {
    texts.find_map(|text| text.filter(|text| !text.is_empty()))
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
}
