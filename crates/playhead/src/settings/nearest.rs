//! The known name that the user may have meant.

/// The known name that is most similar to `name`; `None` if none is similar.
pub(crate) fn nearest<'known>(
    name: &str,
    known: impl IntoIterator<Item = &'known str>,
) -> Option<&'known str> {
    /// Below this similarity, a typo does not explain the difference.
    const SIMILAR: f64 = 0.7;
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean ...?)`, or an empty text if no known name is similar.
pub(crate) fn did_you_mean<'known>(name: &str, known: impl IntoIterator<Item = &'known str>) -> String {
    nearest(name, known).map(|nearest| format!(" (did you mean {nearest}?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_find_their_name_and_strangers_find_none() {
        let known = ["listen", "idle_timeout", "reorder_window", "log", "log_format"];
        assert_eq!(nearest("idle_timout", known), Some("idle_timeout"));
        assert_eq!(nearest("reorder-window", known), Some("reorder_window"));
        assert_eq!(nearest("logformat", known), Some("log_format"));
        assert_eq!(nearest("qqq", known), None);
    }
}
