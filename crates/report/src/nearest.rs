//! The known name that is nearest to an unknown one.

/// The known name that is nearest to `name`, unless none is near. Among equals the first.
pub(crate) fn nearest<'known>(
    name: &str,
    known: impl IntoIterator<Item = &'known str>,
) -> Option<&'known str> {
    /// Below this, two names differ by more than a typo.
    const SIMILAR: f64 = 0.75;
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let similarity = strsim::jaro_winkler(name, candidate);
        if similarity >= SIMILAR && best.is_none_or(|(found, _)| similarity > found) {
            best = Some((similarity, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// ` (did you mean ...?)`, or nothing if no known name is near.
pub fn did_you_mean<'known>(name: &str, known: impl IntoIterator<Item = &'known str>) -> String {
    nearest(name, known).map(|nearest| format!(" (did you mean {nearest}?)")).unwrap_or_default()
}

/// A client's text for a message: cut if it is long, with control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    const BYTES: usize = 80;
    let kept = &text[..text.floor_char_boundary(BYTES)];
    if kept.len() < text.len() { format!("{kept:?}…") } else { format!("{kept:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_find_their_name_and_strangers_find_none() {
        let known = ["content_starts", "content_time_spent", "sessions", "visitors"];
        assert_eq!(nearest("contnet_starts", known), Some("content_starts"));
        assert_eq!(nearest("visitor", known), Some("visitors"));
        assert_eq!(nearest("qqq", known), None);
        let settings = ["listen", "idle_timeout", "reorder_window", "log", "log_format"];
        assert_eq!(nearest("idle_timout", settings), Some("idle_timeout"));
        assert_eq!(nearest("reorder-window", settings), Some("reorder_window"));
        assert_eq!(nearest("logformat", settings), Some("log_format"));
        assert_eq!(did_you_mean("session", known), " (did you mean sessions?)");
    }

    #[test]
    fn long_and_hostile_texts_are_cut_and_written_out() {
        assert_eq!(quoted("a\u{1b}[0m"), "\"a\\u{1b}[0m\"");
        assert!(quoted(&"é".repeat(1_000)).len() < 100);
    }
}
