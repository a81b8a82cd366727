//! Who may see what: collection is open, as players need it; everything else needs the token (report contract,
//! section 5).

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use playhead_journal::Journal;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::clock::RandomSource;
use crate::error::Error;

/// The name under which the journal keeps the hash of a token that the server made.
const STORED_HASH: &str = "admin_token_sha256";

/// The shortest token that can be set, characters.
const SHORTEST_TOKEN: usize = 16;

/// The admin token, of which only the hash is kept. Tokens are long and random, so a plain hash does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdminToken([u8; 32]);

impl AdminToken {
    /// The token in force: the one that was set, else the one made at the first start. A token made now comes back in
    /// clear, to be shown once.
    pub(crate) fn establish(
        set: Option<&str>,
        journal: &mut dyn Journal,
        random: &RandomSource,
    ) -> Result<(Self, Option<String>), Error> {
        if let Some(token) = set {
            if token.chars().count() < SHORTEST_TOKEN
                || token.chars().any(|c| c.is_whitespace() || c.is_control())
            {
                return Err(Error::Setting(format!(
                    "admin_token must have at least {SHORTEST_TOKEN} characters and no spaces"
                )));
            }
            return Ok((Self::of(token), None));
        }
        let stored = journal.reader()?.meta_get(STORED_HASH)?;
        if let Some(hash) = stored.and_then(|hash| hash.try_into().ok()) {
            return Ok((Self(hash), None));
        }
        let token: String = random.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let made = Self::of(&token);
        journal.meta_set(STORED_HASH, &made.0)?;
        Ok((made, Some(token)))
    }

    /// Forgets the token that the server made, so that it makes another.
    pub(crate) fn forget(journal: &mut dyn Journal) -> Result<(), Error> {
        Ok(journal.meta_set(STORED_HASH, &[])?)
    }

    fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Whether a request carries the token.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Error> {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(Error::Unauthorized),
        };
        if self.is(token) { Ok(()) } else { Err(Error::Unauthorized) }
    }

    /// Whether a text is the token; takes the same time whatever the text.
    pub(crate) fn is(&self, text: &str) -> bool {
        Self::of(text).0.ct_eq(&self.0).into()
    }
}
