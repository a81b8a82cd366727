//! The setting that lists webhooks.

use std::str::FromStr;

use playhead_node::kept::schedule::places::Origin;
use serde::{Deserialize, Serialize};

/// A list of origins: separated by commas in a flag and in the environment, an array in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub(crate) struct WebhookOrigins(Vec<Origin>);

impl WebhookOrigins {
    /// The origins.
    pub(crate) fn origins(&self) -> &[Origin] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for WebhookOrigins {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        let (mut origins, mut faults) = (Vec::new(), Vec::new());
        for text in texts {
            match text.trim().parse() {
                Ok(origin) => origins.push(origin),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(Self(origins)) } else { Err(faults.join("; ")) }
    }
}

impl From<WebhookOrigins> for Vec<String> {
    fn from(list: WebhookOrigins) -> Self {
        list.0.iter().map(Origin::to_string).collect()
    }
}

impl FromStr for WebhookOrigins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.split(',').map(str::to_owned).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_written_and_its_faults_are_told_together() {
        let list: WebhookOrigins = "https://Hooks.example.com:443, http://10.0.0.5:9000".parse().unwrap();
        assert_eq!(Vec::from(list), ["https://hooks.example.com", "http://10.0.0.5:9000"]);
        let error = "hooks.example.com,ftp://a,https://a/path".parse::<WebhookOrigins>().unwrap_err();
        for text in ["hooks.example.com", "ftp://a", "https://a/path"] {
            assert!(error.contains(&format!("`{text}` is not the origin of a webhook")), "{error}");
        }
    }
}
