//! HTTP/1.1 as far as a player needs it.

use std::io::Write;

/// Bytes of a response that are read; one that is longer is none of a collection server.
pub(crate) const RESPONSE_BYTES_MAX: usize = 256 * 1024;

/// An id of a session: as it stands in `Location`.
pub(crate) type Sid = Box<str>;

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The session that `Location` names.
    pub(crate) sid: Option<Sid>,
    pub(crate) retry_after_seconds: Option<u64>,
    pub(crate) keeps_connection: bool,
    /// The beginning of the body.
    pub(crate) body: String,
}

/// Characters of a body that are kept.
const BODY_CHARS: usize = 300;

/// Appends a request with a body.
pub(crate) fn write_request(out: &mut Vec<u8>, host: &str, path: &[&str], body: &[u8]) {
    out.extend_from_slice(b"POST ");
    path.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
    // Writing to memory does not fail.
    let _written = write!(
        out,
        " HTTP/1.1\r\nHost: {host}\r\nUser-Agent: playhead-simulate/{}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        env!("CARGO_PKG_VERSION"),
        body.len()
    );
    out.extend_from_slice(body);
}

/// The answer at the beginning of what has come, with its length; `Ok(None)` if more must come.
///
/// # Errors
///
/// If it is not an answer in HTTP/1.1.
pub(crate) fn read_response(bytes: &[u8]) -> Result<Option<(Response, usize)>, NotHttp> {
    const STATUS_LINE: &[u8] = b"HTTP/1.x 204";
    let Some(head_length) = find(bytes, b"\r\n\r\n") else {
        let is_begun = bytes.iter().zip(b"HTTP/1.").all(|(byte, known)| byte == known);
        return if is_begun && bytes.len() < RESPONSE_BYTES_MAX { Ok(None) } else { Err(NotHttp) };
    };
    let head = bytes.get(..head_length).ok_or(NotHttp)?;
    if !head.starts_with(b"HTTP/1.") || head.len() < STATUS_LINE.len() {
        return Err(NotHttp);
    }
    let head = std::str::from_utf8(head).map_err(|_| NotHttp)?;
    let status: u16 = head.get(9..12).and_then(|status| status.parse().ok()).ok_or(NotHttp)?;
    let mut response = Response {
        status,
        sid: None,
        retry_after_seconds: None,
        keeps_connection: head.starts_with("HTTP/1.1"),
        body: String::new(),
    };
    let mut body_length = 0;
    for line in head.split("\r\n").skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            body_length = value.parse().map_err(|_| NotHttp)?;
        } else if name.eq_ignore_ascii_case("location") {
            response.sid = sid_of(value);
        } else if name.eq_ignore_ascii_case("retry-after") {
            response.retry_after_seconds = value.parse().ok();
        } else if name.eq_ignore_ascii_case("connection") {
            response.keeps_connection &= !value.eq_ignore_ascii_case("close");
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            // The status says all that matters: the rest of such an answer goes with its connection.
            response.keeps_connection = false;
        }
    }
    if body_length > RESPONSE_BYTES_MAX {
        return Err(NotHttp);
    }
    let body_start = head_length + b"\r\n\r\n".len();
    let Some(body) = bytes.get(body_start..body_start + body_length) else { return Ok(None) };
    if !(200..300).contains(&status) {
        response.body = String::from_utf8_lossy(body).chars().take(BODY_CHARS).collect();
    }
    Ok(Some((response, body_start + body_length)))
}

/// What came is not an answer in HTTP/1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotHttp;

/// The id at the end of `/api/v1/sessions/{sid}`.
fn sid_of(location: &str) -> Option<Sid> {
    let sid = location.rsplit('/').next()?;
    let is_id = (1..=128).contains(&sid.len()) && sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| sid.into())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_when_they_are_whole() {
        let sid = "ab".repeat(32);
        let text = format!(
            "HTTP/1.1 201 Created\r\nlocation: /api/v1/sessions/{sid}\r\ncontent-length: 0\r\n\r\nHTTP"
        );
        for length in 0..text.len() - "HTTP".len() {
            assert_eq!(read_response(&text.as_bytes()[..length]), Ok(None), "{length}");
        }
        let (response, length) = read_response(text.as_bytes()).unwrap().unwrap();
        assert_eq!((response.status, response.sid.as_deref()), (201, Some(sid.as_str())));
        assert!(response.keeps_connection);
        assert_eq!(length, text.len() - "HTTP".len());
    }

    #[test]
    fn a_refusal_keeps_its_advice_and_the_beginning_of_its_message() {
        let text =
            "HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy";
        let (response, _) = read_response(text.as_bytes()).unwrap().unwrap();
        assert_eq!((response.status, response.retry_after_seconds), (503, Some(5)));
        assert_eq!((response.body.as_str(), response.keeps_connection), ("busy", false));
    }

    #[test]
    fn what_is_not_http_is_refused() {
        let cases = ["SSH-2.0", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1\r\n\r\n"];
        for text in cases {
            assert_eq!(read_response(text.as_bytes()), Err(NotHttp), "{text}");
        }
        let long = format!("HTTP/1.1 200 Fine\r\nContent-Length: {}\r\n\r\n", usize::MAX);
        assert_eq!(read_response(long.as_bytes()), Err(NotHttp));
    }
}
