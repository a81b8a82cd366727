//! Who may see what: collection is open, as players need it; everything else needs a token (report contract,
//! section 5). A request carries the token itself, or the cookie of a login with it. All doors check
//! tokens by [`Access::authenticate`], so one rule says how often an address may be wrong.

pub(crate) mod login_cookie;
pub(crate) mod wrong_tokens;

use std::sync::Arc;

use hyper::header::{AUTHORIZATION, HOST, HeaderValue, ORIGIN};
use hyper::{HeaderMap, Method};
use playhead_journal::Journal;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::access::wrong_tokens::WrongTokens;
use crate::error::Error;
use playhead_node::clock::{Clock, RandomSource};
use playhead_node::ingest::addresses::ClientAddress;
use playhead_node::settings::Settings;

/// The name under which the journal keeps the hash of a token that the server made.
const STORED_HASH: &str = "admin_token_sha256";

/// The shortest token that can be set, characters.
const SHORTEST_TOKEN: usize = 16;

/// The header by which the dashboard's own requests are told from those that another site makes a browser send: no
/// form and no other site can set it without being asked about first.
const DASHBOARD_HEADER: &str = "x-playhead-request";

/// Says from where a browser sends a request.
const FETCH_SITE: &str = "sec-fetch-site";

/// Says to which host a request was made before a proxy passed it on.
const FORWARDED_HOST: &str = "x-forwarded-host";

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum Role {
    /// Everything.
    Admin,
    /// Everything that changes nothing.
    Read,
}

impl Role {
    const ALL: [Self; 2] = [Self::Admin, Self::Read];

    /// The name in answers and cookies.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Read => "read",
        }
    }

    /// The role of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The right that a call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// None.
    Nothing,
    /// That of any token.
    Token,
    /// That of the admin token.
    AdminToken,
}

/// A token, of which only the hash is kept. Tokens are long and random, so a plain hash does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token([u8; 32]);

impl Token {
    pub(crate) fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Its hash.
    pub(crate) fn hash(&self) -> &[u8; 32] {
        &self.0
    }

    /// A token that an operator set.
    fn set(setting: &'static str, token: &str) -> Result<Self, Error> {
        let is_short = token.chars().count() < SHORTEST_TOKEN;
        if is_short || token.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Error::Setting(format!(
                "{setting} must have at least {SHORTEST_TOKEN} characters and no spaces"
            )));
        }
        Ok(Self::of(token))
    }
}

/// The tokens in force, and who has logged in with them.
pub(crate) struct Access {
    admin: Token,
    read: Option<Token>,
    clock: Arc<dyn Clock>,
    wrong_tokens: WrongTokens,
}

impl Access {
    /// The tokens in force: those that were set; the admin token else as it was made at the first start. A token made
    /// now comes back in clear, to be shown once.
    pub(crate) fn establish(
        settings: &Settings,
        journal: &mut dyn Journal,
        random: &RandomSource,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Option<String>), Error> {
        // Looked at before a token is made, which is to be shown when all else is well.
        let read = settings.read_token.as_deref().map(|token| Token::set("read_token", token)).transpose()?;
        let (admin, made) = admin_token(settings.admin_token.as_deref(), journal, random)?;
        if read == Some(admin) {
            return Err(Error::Setting("read_token must be another one than admin_token".into()));
        }
        Ok((Self { admin, read, clock, wrong_tokens: WrongTokens::default() }, made))
    }

    /// Forgets the token that the server made, so that it makes another.
    pub(crate) fn forget(journal: &mut dyn Journal) -> Result<(), Error> {
        Ok(journal.meta_set(STORED_HASH, &[])?)
    }

    /// The role of a token that a client of this address sent, at whichever door.
    ///
    /// # Errors
    ///
    /// [`Error::WrongToken`] if it is unknown, and [`Error::TooManyWrongTokens`] if the address has sent too many of
    /// that kind. A right token passes whatever the address did before.
    pub(crate) fn authenticate(&self, client: ClientAddress, token: &str) -> Result<Role, Error> {
        match self.role_of(token) {
            Some(role) => Ok(role),
            None => Err(self.wrong_token(client)),
        }
    }

    /// Counts a wrong token, and says so.
    fn wrong_token(&self, client: ClientAddress) -> Error {
        match self.wrong_tokens.count(client, self.clock.now_ms()) {
            Ok(()) => Error::WrongToken,
            Err(too_many) => too_many,
        }
    }

    /// What a token allows; takes the same time whatever the text.
    fn role_of(&self, text: &str) -> Option<Role> {
        let token = Token::of(text);
        let is_admin = token.0.ct_eq(&self.admin.0);
        let is_read = self.read.map_or(0.into(), |read| token.0.ct_eq(&read.0));
        match (is_admin.into(), is_read.into()) {
            (true, _) => Some(Role::Admin),
            (false, true) => Some(Role::Read),
            (false, false) => None,
        }
    }

    /// The token of a role, where there is one.
    fn token(&self, role: Role) -> Option<&Token> {
        match role {
            Role::Admin => Some(&self.admin),
            Role::Read => self.read.as_ref(),
        }
    }

    /// The role of a request that has the right that its call needs; `None` if the call needs none.
    pub(crate) fn admit(
        &self,
        needs: Right,
        method: &Method,
        client: ClientAddress,
        headers: &HeaderMap,
    ) -> Result<Option<Role>, Error> {
        match needs {
            Right::Nothing => Ok(None),
            Right::Token if matches!(*method, Method::GET | Method::HEAD) => {
                self.to_read(client, headers).map(Some)
            }
            Right::Token => self.to_send(client, headers).map(Some),
            Right::AdminToken => self.to_administrate(client, headers).map(|()| Some(Role::Admin)),
        }
    }

    /// The role of a request that changes nothing, as the cookie or the token says.
    pub(crate) fn to_read(&self, client: ClientAddress, headers: &HeaderMap) -> Result<Role, Error> {
        let role = match headers.get(AUTHORIZATION) {
            Some(_) => self.authenticate(client, bearer(headers).unwrap_or_default()),
            None => self.logged_in(client, headers)?.ok_or(Error::Unauthorized),
        };
        role.map_err(|error| if matches!(error, Error::WrongToken) { Error::Unauthorized } else { error })
    }

    /// The role of a request with any other method than GET. A browser adds the cookie to requests of any site, so it
    /// counts only when the dashboard itself did.
    fn to_send(&self, client: ClientAddress, headers: &HeaderMap) -> Result<Role, Error> {
        let role = self.to_read(client, headers)?;
        if headers.get(AUTHORIZATION).is_none() {
            check_sent_by_dashboard(headers)?;
        }
        Ok(role)
    }

    /// Whether a request may change how the server is kept.
    fn to_administrate(&self, client: ClientAddress, headers: &HeaderMap) -> Result<(), Error> {
        match self.to_send(client, headers)? {
            Role::Admin => Ok(()),
            Role::Read => Err(Error::Forbidden("the token may only read; this needs the admin token")),
        }
    }

    /// Whose cookie a request carries, when it is one of ours and still good. One that has expired was good once, so it is
    /// not counted as wrong: a dashboard that was left open may ask with it all night.
    fn logged_in(&self, client: ClientAddress, headers: &HeaderMap) -> Result<Option<Role>, Error> {
        let now_ms = self.clock.now_ms();
        let mut has_wrong = false;
        for value in login_cookie::values(headers).filter(|value| !value.is_empty()) {
            let claimed = login_cookie::claimed_role(value);
            let token = claimed.and_then(|role| Some((role, self.token(role)?)));
            match token.map(|(role, token)| (role, login_cookie::check(value, token, now_ms))) {
                Some((role, login_cookie::CookieValue::Good)) => return Ok(Some(role)),
                Some((_, login_cookie::CookieValue::Expired)) => {}
                Some((_, login_cookie::CookieValue::Wrong)) | None => has_wrong = true,
            }
        }
        if has_wrong { Err(self.wrong_token(client)) } else { Ok(None) }
    }

    /// Logs in with a token: its role, and the cookie to set.
    pub(crate) fn log_in(
        &self,
        token: &str,
        client: ClientAddress,
        headers: &HeaderMap,
        random: &RandomSource,
    ) -> Result<(Role, String), Error> {
        check_same_site(headers)?;
        let role = self.authenticate(client, token)?;
        let of_role = self.token(role).ok_or(Error::Internal)?;
        let value = login_cookie::value(role, of_role, self.clock.now_ms(), &random.bytes());
        Ok((role, login_cookie::set(&value, headers)))
    }

    /// Logs out: the cookie that takes the place of the one that was set. Without a good one there is nothing that
    /// another site could end.
    pub(crate) fn log_out(&self, client: ClientAddress, headers: &HeaderMap) -> Result<String, Error> {
        match self.logged_in(client, headers) {
            Ok(Some(_)) => check_sent_by_dashboard(headers)?,
            Ok(None) | Err(Error::WrongToken) => {}
            Err(error) => return Err(error),
        }
        Ok(login_cookie::clear(headers))
    }
}

fn admin_token(
    set: Option<&str>,
    journal: &mut dyn Journal,
    random: &RandomSource,
) -> Result<(Token, Option<String>), Error> {
    if let Some(token) = set {
        return Ok((Token::set("admin_token", token)?, None));
    }
    let stored = journal.reader()?.meta_get(STORED_HASH)?;
    if let Some(hash) = stored.and_then(|hash| hash.try_into().ok()) {
        return Ok((Token(hash), None));
    }
    let token: String = random.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let made = Token::of(&token);
    journal.meta_set(STORED_HASH, &made.0)?;
    Ok((made, Some(token)))
}

/// The token in `Authorization: Bearer TOKEN`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn check_sent_by_dashboard(headers: &HeaderMap) -> Result<(), Error> {
    check_same_site(headers)?;
    match headers.get(DASHBOARD_HEADER) {
        Some(value) if value == "dashboard" => Ok(()),
        _ => Err(Error::Forbidden(
            "with the login cookie this needs the header `X-Playhead-Request: dashboard`; or send a bearer token",
        )),
    }
}

/// Browsers say where a request comes from: in `Sec-Fetch-Site`, or, over plain HTTP and before they knew it, in `Origin`.
/// A client that is no browser says neither, and carries no cookie that was stolen so.
fn check_same_site(headers: &HeaderMap) -> Result<(), Error> {
    let is_own = match (headers.get(FETCH_SITE), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => is_own_origin(origin, headers),
        (None, None) => true,
    };
    if is_own { Ok(()) } else { Err(Error::Forbidden("the request comes from another site")) }
}

/// Whether an origin is the host that the request was made to. A proxy that names another host to this server says the
/// first one in `X-Forwarded-Host`, which a page of another site cannot set.
fn is_own_origin(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let parts = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let Some((scheme, authority)) = parts else { return false };
    let usual_port = if scheme == "https" { ":443" } else { ":80" };
    let plain = |host: &str| host.trim().trim_end_matches(usual_port).to_ascii_lowercase();
    let hosts =
        [HOST.as_str(), FORWARDED_HOST].into_iter().filter_map(|name| headers.get(name)?.to_str().ok());
    hosts.map(|hosts| hosts.split(',').next().unwrap_or_default()).any(|host| plain(host) == plain(authority))
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}
