//! The path that was meant by one that does not exist: clients join addresses and leave a slash too many.

use crate::http::api::calls::CALLS;

/// The paths beside those of the report API, which has a table of its own.
const PATHS: [&str; 7] = [
    "/api/v1/sessions",
    "/api/v1/downloaded",
    "/api/v1/sessions/{sid}/events",
    "/api/v1/schemas/{event_type}",
    "/livez",
    "/readyz",
    "/metrics",
];

/// The path of an endpoint that differs from this one by doubled or trailing slashes alone.
pub(crate) fn path_meant(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let meant = format!("/{}", segments.join("/"));
    let exists = PATHS.iter().any(|known| is_of(known, &segments))
        || CALLS.iter().any(|call| is_of(&call.full_path(), &segments));
    (exists && meant != path).then_some(meant)
}

/// Whether a path has the form of a known one, whose segment in braces varies.
fn is_of(known: &str, segments: &[&str]) -> bool {
    let known = known.split('/').skip(1);
    known.clone().count() == segments.len()
        && known.zip(segments).all(|(known, segment)| known.starts_with('{') || known == *segment)
}
