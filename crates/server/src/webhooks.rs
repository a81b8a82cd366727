//! Calls webhooks over HTTP.

use hmac::{Hmac, KeyInit, Mac};
use playhead_node::limits::WEBHOOK_TIMEOUT;
use playhead_node::schedules::run::NotSent;
use playhead_node::schedules::webhooks::{Outgoing, Webhooks};
use sha2::Sha256;

/// Follows no redirects, so that what the operator allows is all that is called, and uses no proxy.
pub(crate) struct HttpWebhooks {
    agent: ureq::Agent,
    secret: String,
}

impl HttpWebhooks {
    /// Signs with this secret.
    pub(crate) fn new(secret: String) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(WEBHOOK_TIMEOUT))
            .user_agent(concat!("playhead/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), secret }
    }

    /// The signature of a time in seconds, a run and a body, as hexadecimal digits.
    fn signature(&self, at: &str, run: &str, body: &[u8]) -> Result<String, NotSent> {
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes());
        let mut mac = mac.map_err(|_| NotSent::for_good("the report cannot be signed"))?;
        for part in [at.as_bytes(), b".", run.as_bytes(), b".", body] {
            mac.update(part);
        }
        let digest = mac.finalize().into_bytes();
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl Webhooks for HttpWebhooks {
    fn post(&self, outgoing: &Outgoing) -> Result<(), NotSent> {
        let at = (outgoing.now_ms / 1_000).to_string();
        let run = format!("{}-{}", outgoing.schedule_id, outgoing.due_ms);
        let signature = self.signature(&at, &run, &outgoing.body)?;
        let file = format!("attachment; filename*=UTF-8''{}", percent_encoded(&outgoing.file_name));
        let request = self.agent.post(&outgoing.url);
        let request = request
            .header("Content-Type", &outgoing.content_type)
            .header("Content-Disposition", file)
            .header("Playhead-Run", run)
            .header("Playhead-Timestamp", at)
            .header("Playhead-Signature", format!("sha256={signature}"));
        let response = request.send(&outgoing.body[..]).map_err(|error| unreachable(&error))?;
        let status = response.status();
        let message = format!("the webhook answered {status}");
        match status.as_u16() {
            200..=299 => Ok(()),
            300..=399 => Err(NotSent::for_good(format!("{message}; redirects are not followed"))),
            408 | 425 | 429 | 500.. => Err(NotSent::this_time(message)),
            _ => Err(NotSent::for_good(message)),
        }
    }
}

fn unreachable(error: &ureq::Error) -> NotSent {
    let reason = match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(_) => {
            format!("it did not answer within {} s", WEBHOOK_TIMEOUT.as_secs())
        }
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        other => other.to_string(),
    };
    NotSent::this_time(format!("the webhook cannot be reached: {reason}"))
}

/// The name of a file as a parameter of a header (RFC 8187).
fn percent_encoded(name: &str) -> String {
    let escaped = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    name.bytes().map(escaped).collect()
}
