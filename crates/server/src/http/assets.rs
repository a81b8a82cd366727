//! The dashboard's files. They are open: what they show needs a login.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::OnceLock;

use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, HeaderName, HeaderValue,
    IF_NONE_MATCH, REFERRER_POLICY, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, StatusCode};
use playhead_dashboard::Dashboard;

use crate::http::wire::responses;

/// What stands on every file: nothing from elsewhere is loaded, run or asked, and nobody frames the page. Whatever a
/// player wrote into a name, a browser has no way to run it.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The folder of files whose names change with what is in them.
const HASHED: &str = "assets/";

/// Files smaller than this are sent as they are: compressing gains nothing.
const WORTH_COMPRESSING_BYTES: usize = 1024;

/// The files of the dashboard, ready to be sent.
pub(crate) struct Assets(BTreeMap<String, Asset>);

/// A file of the dashboard.
pub(crate) struct Asset {
    content_type: &'static str,
    etag: String,
    plain: Bytes,
    /// Made when it is first asked for; `None` when it is no smaller.
    compressed: OnceLock<Option<Bytes>>,
}

impl Assets {
    pub(crate) fn new(dashboard: &Dashboard) -> Self {
        let asset = |(path, file): (&str, &playhead_dashboard::File)| {
            let plain = match &file.content {
                std::borrow::Cow::Borrowed(content) => Bytes::from_static(content),
                std::borrow::Cow::Owned(content) => Bytes::from(content.clone()),
            };
            let etag = file.hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            let asset = Asset { content_type: content_type(path), etag, plain, compressed: OnceLock::new() };
            (path.to_owned(), asset)
        };
        Self(dashboard.files().map(asset).collect())
    }

    /// The file with this path, which has no slash in front.
    pub(crate) fn get(&self, path: &str) -> Option<&Asset> {
        self.0.get(path)
    }
}

impl Asset {
    /// The response to a request for the file, which has this path.
    pub(crate) fn answer(&self, path: &str, request: &HeaderMap) -> Response {
        let compressed = if accepts_gzip(request) { self.compressed() } else { None };
        let is_compressed = compressed.is_some();
        // The two forms are different to a cache, so they go by different names.
        let etag =
            if is_compressed { format!("\"{}-gzip\"", self.etag) } else { format!("\"{}\"", self.etag) };
        let is_known = request.get(IF_NONE_MATCH).is_some_and(|known| names(known, &etag));
        let mut response = if is_known {
            responses::empty(StatusCode::NOT_MODIFIED)
        } else {
            responses::text(
                StatusCode::OK,
                self.content_type,
                compressed.unwrap_or_else(|| self.plain.clone()),
            )
        };
        let headers = response.headers_mut();
        if is_compressed && !is_known {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(ETAG, etag);
        }
        let is_hashed = path.starts_with(HASHED);
        let caching = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        protected(response)
    }

    fn compressed(&self) -> Option<Bytes> {
        let is_text = self.content_type.starts_with("text/") || self.content_type.contains("json");
        let is_worth_it =
            self.plain.len() >= WORTH_COMPRESSING_BYTES && (is_text || self.content_type == "image/svg+xml");
        if !is_worth_it {
            return None;
        }
        self.compressed.get_or_init(|| gzip(&self.plain).filter(|made| made.len() < self.plain.len())).clone()
    }
}

fn gzip(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    Some(encoder.finish().ok()?.into())
}

/// The response in place of a dashboard that the build does not have.
pub(crate) fn not_built() -> Response {
    let text = "this build has no dashboard: build with make\n";
    let mut response = responses::text(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text);
    // Until a complete build is in place.
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
    protected(response)
}

fn protected(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a client takes gzip: it is named, or everything is, and not with a weight of 0.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|line| line.to_str().ok());
    let weights = lines.flat_map(|line| line.split(',')).filter_map(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let name = name.trim();
        let is_gzip = name.eq_ignore_ascii_case("gzip");
        let weight = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=');
        let is_refused = weight.parse::<f32>().is_ok_and(|weight| weight == 0.0);
        (is_gzip || name == "*").then_some((is_gzip, !is_refused))
    });
    // What is said about gzip itself counts before what is said about everything.
    weights.max_by_key(|(is_gzip, _)| *is_gzip).is_some_and(|(_, is_taken)| is_taken)
}

/// Whether `If-None-Match` names a tag.
fn names(known: &HeaderValue, etag: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known
        .split(',')
        .any(|name| matches!(name.trim().trim_start_matches("W/"), name if name == etag || name == "*"))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let accepts = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepts_gzip(&headers)
        };
        for value in ["gzip", "br, GZIP", "deflate, gzip;q=0.5, br", "*", "*;q=0, gzip", "gzip ; q=1.0"] {
            assert!(accepts(value), "{value}");
        }
        for value in ["", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "x-gzip-like"] {
            assert!(!accepts(value), "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
