//! The variable segment of a path.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use hyper::http::request::Parts;

/// The decoded text of a path's one variable segment. Text that is not UTF-8 once decoded names nothing, so it counts as
/// empty: what it was to name is then not found, like any other name that does not exist.
#[derive(Debug)]
pub(crate) struct Segment(String);

impl Segment {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(text.map(|Path(text)| text).unwrap_or_default()))
    }
}
