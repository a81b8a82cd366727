//! The cookie of a login.
//!
//! Its value holds the role and the expiry of the login, signed with a key that only the server can make. The server
//! stores nothing about logins, so a restart keeps all of them. The key comes from the token's hash, so changing a token
//! ends its logins.
//!
//! `1.admin.1793534400.6e6f6e6365….5349474e4154555245…`: version, role, expiry in seconds since the epoch, something
//! random, signature over what is before it.

use hmac::{Hmac, KeyInit, Mac};
use hyper::HeaderMap;
use hyper::header::COOKIE;
use sha2::Sha256;

use crate::access::{Role, Token};
use playhead_node::limits::LOGIN_SECONDS;

/// The cookie's name.
const NAME: &str = "playhead_login";

/// The version of the value; another one logs everybody out.
const VERSION: &str = "1";

/// Sets the key of cookies apart from any other that may come from the same hash.
const PURPOSE: &[u8] = b"playhead login cookie 1";

/// How many random bytes make two logins of one second differ.
const NONCE_BYTES: usize = 16;

/// A value that is good from now on.
pub(crate) fn value(role: Role, token: &Token, now_ms: i64, random: &[u8]) -> String {
    let expiry = now_ms.div_euclid(1_000) + LOGIN_SECONDS;
    let nonce = hex(random.get(..NONCE_BYTES).unwrap_or(random));
    let signed = format!("{VERSION}.{}.{expiry}.{nonce}", role.name());
    let signature = signature(token, &signed).map(|mac| hex(&mac.finalize().into_bytes()));
    format!("{signed}.{}", signature.unwrap_or_default())
}

/// The role that a value claims.
pub(crate) fn claimed_role(value: &str) -> Option<Role> {
    Role::from_name(value.split('.').nth(1)?)
}

/// What a value is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CookieValue {
    /// Made with the token, and not expired.
    Good,
    /// Made with the token, and expired.
    Expired,
    /// Not made with the token.
    Wrong,
}

/// What a value is worth with this token. How long it takes tells nothing about the signature.
pub(crate) fn check(value: &str, token: &Token, now_ms: i64) -> CookieValue {
    let is_in_time = || {
        let (signed, claimed) = value.rsplit_once('.')?;
        let mac = signature(token, signed)?;
        mac.verify_slice(&bytes_of_hex(claimed)?).ok()?;
        let mut parts = signed.split('.');
        let version = parts.next()?;
        let expiry: i64 = parts.nth(1)?.parse().ok()?;
        Some(version == VERSION && now_ms.div_euclid(1_000) < expiry)
    };
    match is_in_time() {
        Some(true) => CookieValue::Good,
        Some(false) => CookieValue::Expired,
        None => CookieValue::Wrong,
    }
}

fn signature(token: &Token, signed: &str) -> Option<Hmac<Sha256>> {
    // Any length of a key will do for HMAC, so neither of the two can fail.
    let mut key = Hmac::<Sha256>::new_from_slice(token.hash()).ok()?;
    key.update(PURPOSE);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.finalize().into_bytes()).ok()?;
    mac.update(signed.as_bytes());
    Some(mac)
}

/// The values that a request carries under the cookie's name.
pub(crate) fn values(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let cookies = lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.filter(|(name, _)| *name == NAME).map(|(_, value)| value)
}

/// The header that sets the cookie.
pub(crate) fn set(value: &str, headers: &HeaderMap) -> String {
    cookie(value, LOGIN_SECONDS, headers)
}

/// The header that takes the cookie back.
pub(crate) fn clear(headers: &HeaderMap) -> String {
    cookie("", 0, headers)
}

fn cookie(value: &str, max_age_seconds: i64, headers: &HeaderMap) -> String {
    // TLS ends before this server: what does that says so.
    let is_https = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let secure = if is_https { "; Secure" } else { "" };
    format!("{NAME}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Strict{secure}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let bytes = digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok());
    if digits.len().is_multiple_of(2) { bytes.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(value: &str, token: &Token, now_ms: i64) -> bool {
        check(value, token, now_ms) == CookieValue::Good
    }

    const NOW_MS: i64 = 1_793_491_200_000;

    fn good() -> (Token, String) {
        let token = Token::of("token-of-the-tests");
        let value = value(Role::Read, &token, NOW_MS, &[7; 32]);
        (token, value)
    }

    #[test]
    fn a_value_is_good_for_its_time_and_its_token() {
        let (token, value) = good();
        assert_eq!(claimed_role(&value), Some(Role::Read));
        assert!(is_good(&value, &token, NOW_MS));
        assert!(is_good(&value, &token, NOW_MS + LOGIN_SECONDS * 1_000 - 1));
        assert_eq!(check(&value, &token, NOW_MS + LOGIN_SECONDS * 1_000), CookieValue::Expired);
        assert!(!is_good(&value, &Token::of("another-token-of-the-tests"), NOW_MS));
    }

    #[test]
    fn no_part_of_a_value_can_be_changed() {
        let (token, value) = good();
        for place in 0..value.len() {
            for other in ["0", "1", "9", "a", ".", "F", ""] {
                let mut changed = value.clone();
                changed.replace_range(place..=place, other);
                // The signature's digits mean the same in upper case.
                let is_same = changed.eq_ignore_ascii_case(&value);
                assert_eq!(is_good(&changed, &token, NOW_MS), is_same, "{changed}");
            }
        }
        for nonsense in ["", ".", "1.read", "1.read.99999999999.00.", "\u{1f3ac}.\u{1f3ac}.\u{1f3ac}"] {
            assert!(!is_good(nonsense, &token, NOW_MS), "{nonsense}");
        }
    }
}
