//! Where reports may be sent: what the operator allows, and what a schedule names of it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kept::fields::Fields;
use crate::limits::{SCHEDULE_FOLDER_BYTES, SCHEDULE_FOLDER_DEPTH, WEBHOOK_URL_BYTES};

/// Scheme, host and port of a webhook: `https://hooks.example.com`, `http://10.0.0.5:9000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// What the operator allows. Nothing of it can be named by a client alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The directory below which reports are written.
    pub folder: Option<PathBuf>,
    /// The webhooks that may be called.
    pub webhook_origins: Vec<Origin>,
    /// Whether there is a secret that signs what is sent there.
    pub has_webhook_secret: bool,
}

/// Where a report goes to.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A folder below the operator's directory, which is `.` itself.
    Folder(String),
    /// The URL of a webhook.
    Webhook(String),
}

impl Destination {
    /// Reads it from the field of a body.
    pub(crate) fn read(schedule: &mut Fields<'_>) -> Self {
        let path = schedule.path_of("to");
        let Some(value) = schedule.value("to") else {
            schedule.fault("to", "is required");
            return Self::Folder(String::new());
        };
        let mut fields = Fields::of(value, path, schedule.faults());
        let (folder, webhook) = (fields.value("folder"), fields.value("webhook"));
        let destination = match (folder, webhook) {
            (Some(Value::String(folder)), None) => match folder_of(&folder) {
                Ok(_) => Ok(Self::Folder(folder)),
                Err(message) => Err(("folder", message)),
            },
            (None, Some(Value::String(url))) => match split_url(&url) {
                Ok(_) => Ok(Self::Webhook(url)),
                Err(message) => Err(("webhook", message)),
            },
            (Some(_), None) => Err(("folder", "must be a text".to_owned())),
            (None, Some(_)) => Err(("webhook", "must be a text".to_owned())),
            _ => Err(("", "must name either a folder or a webhook".to_owned())),
        };
        if let Err((name, message)) = &destination {
            let path = fields.path_of(name);
            fields.faults().push(path.trim_end_matches('/'), message);
        }
        fields.finish();
        destination.unwrap_or_else(|_| Self::Folder(String::new()))
    }
}

impl Places {
    /// Why nothing may be sent to a destination: the path of the fault, and a phrase for it.
    pub(crate) fn refuses(&self, destination: &Destination) -> Option<(&'static str, String)> {
        match destination {
            // What was at fault when it was read.
            Destination::Folder(path) if path.is_empty() => None,
            Destination::Folder(_) if self.folder.is_none() => {
                let message = "cannot be used: this server has no directory for reports; its operator names one with report_folder";
                Some(("/to/folder", message.to_owned()))
            }
            Destination::Folder(_) => None,
            Destination::Webhook(url) => Some(("/to/webhook", self.refuses_url(url)?)),
        }
    }

    fn refuses_url(&self, url: &str) -> Option<String> {
        if self.webhook_origins.is_empty() {
            let message = "cannot be used: this server calls no webhooks; its operator names those that it may call with webhook_origins";
            return Some(message.to_owned());
        }
        if !self.has_webhook_secret {
            let message = "cannot be used: this server has no secret to sign with; its operator gives one with webhook_secret";
            return Some(message.to_owned());
        }
        match split_url(url) {
            Ok((origin, _)) if self.webhook_origins.contains(&origin) => None,
            Ok((origin, _)) => Some(format!(
                "leads to {origin}, which this server may not call; its operator names those that it may call with webhook_origins"
            )),
            Err(message) => Some(message),
        }
    }
}

/// The parts of the path of a folder; none for the operator's directory itself.
///
/// # Errors
///
/// A phrase for a fault, if it could lead anywhere else.
pub(crate) fn folder_of(path: &str) -> Result<Vec<&str>, String> {
    if path == "." {
        return Ok(Vec::new());
    }
    let parts: Vec<&str> = path.split('/').collect();
    let is_part = |part: &&str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.trim() == *part
            && !part.contains('\\')
            && !part.chars().any(char::is_control)
    };
    if path.len() > SCHEDULE_FOLDER_BYTES || parts.len() > SCHEDULE_FOLDER_DEPTH {
        return Err(format!(
            "must have at most {SCHEDULE_FOLDER_BYTES} bytes and {SCHEDULE_FOLDER_DEPTH} parts"
        ));
    }
    if !parts.iter().all(is_part) {
        let message = "must be the path of a folder below the server's directory for reports, such as daily or daily/web, \
                       without parts that begin with a dot; . is that directory itself";
        return Err(message.to_owned());
    }
    Ok(parts)
}

/// The origin of a URL, and the rest of it. The URL that is called is put together of the two again, so that whatever
/// another parser sees in a URL cannot lead elsewhere.
///
/// # Errors
///
/// A phrase for a fault.
pub(crate) fn split_url(url: &str) -> Result<(Origin, String), String> {
    if url.len() > WEBHOOK_URL_BYTES {
        return Err(format!("must have at most {WEBHOOK_URL_BYTES} bytes, not {}", url.len()));
    }
    let not_a_url = || {
        "must be a URL such as https://hooks.example.com/reports, without user, fragment, and characters that a URL escapes"
            .to_owned()
    };
    let (_, behind) = url.split_once("://").ok_or_else(not_a_url)?;
    let authority = behind.find(['/', '?']).unwrap_or(behind.len());
    let origin_end = url.len() - behind.len() + authority;
    let origin = url[..origin_end].parse::<Origin>().map_err(|_| not_a_url())?;
    let rest = &url[origin_end..];
    let is_written = rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte));
    if !is_written {
        return Err(not_a_url());
    }
    let slash = if rest.starts_with('/') { "" } else { "/" };
    Ok((origin, format!("{slash}{rest}")))
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault =
            || format!("`{text}` is not the origin of a webhook: write it like https://hooks.example.com");
        let lower = text.to_ascii_lowercase();
        let (scheme, authority) = lower.split_once("://").ok_or_else(fault)?;
        let usual_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return Err(fault()),
        };
        let host_end = if authority.starts_with('[') {
            authority.find(']').ok_or_else(fault)? + 1
        } else {
            authority.find(':').unwrap_or(authority.len())
        };
        let (host, port) = authority.split_at(host_end);
        let port: u16 = match port.strip_prefix(':') {
            None if port.is_empty() => usual_port,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| fault())?
            }
            _ => return Err(fault()),
        };
        if !is_host(host) || port == 0 {
            return Err(fault());
        }
        Ok(Self(if port == usual_port {
            format!("{scheme}://{host}")
        } else {
            format!("{scheme}://{host}:{port}")
        }))
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !host.is_empty() && host.len() <= 253 && host.bytes().all(is_letter)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_of_its_origin_and_of_no_other() {
        let split = |url: &str| split_url(url).map(|(origin, rest)| format!("{origin} {rest}"));
        for (url, expected) in [
            ("https://hooks.example.com/a?b=c", "https://hooks.example.com /a?b=c"),
            ("HTTPS://Hooks.Example.com:443", "https://hooks.example.com /"),
            ("http://10.0.0.5:9000?x", "http://10.0.0.5:9000 /?x"),
            ("http://[::1]:80/a", "http://[::1] /a"),
            ("https://a/@b", "https://a /@b"),
        ] {
            assert_eq!(split(url).unwrap(), expected);
        }
        for url in [
            "hooks.example.com/a",
            "ftp://a/",
            "file:///etc/passwd",
            "https://user@a/",
            "https://a:b@c/",
            "https://a\\@b/",
            "https://a#@b/",
            "https://a/ b",
            "https://a/\r\nHost: b",
            "https://a:0/",
            "https://a:99999/",
            "https://a:+1/",
            "https://[::1/",
            "https://[::1]x/",
            "https://é/",
            "https:///a",
            "https://%61/",
        ] {
            assert!(split_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_folder_stays_below_the_directory() {
        for path in [".", "daily", "daily/web 2", "日報"] {
            assert!(folder_of(path).is_ok(), "{path}");
        }
        for path in [
            "",
            "/",
            "/etc",
            "..",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            ".ssh",
            "a\\b",
            "a\0",
            "a\n",
            " a",
            "a/b/c/d/e",
        ] {
            assert!(folder_of(path).is_err(), "{path}");
        }
        assert!(folder_of(&"a".repeat(SCHEDULE_FOLDER_BYTES + 1)).is_err());
    }

    #[test]
    fn what_the_operator_does_not_allow_is_refused_in_words() {
        let folder = Destination::Folder("daily".into());
        let webhook = |url: &str| Destination::Webhook(url.into());
        let mut places = Places::default();
        assert!(places.refuses(&folder).unwrap().1.contains("report_folder"));
        assert!(places.refuses(&webhook("https://a/")).unwrap().1.contains("webhook_origins"));
        places.webhook_origins = vec!["https://a".parse().unwrap()];
        assert!(places.refuses(&webhook("https://a/")).unwrap().1.contains("webhook_secret"));
        places.has_webhook_secret = true;
        assert_eq!(places.refuses(&webhook("https://A:443/x")), None);
        for other in ["http://a/", "https://a:8443/", "https://b/", "https://a.b/"] {
            assert!(places.refuses(&webhook(other)).unwrap().1.contains("may not call"), "{other}");
        }
    }
}
