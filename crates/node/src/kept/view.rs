//! A view: a page of the dashboard with everything that its address says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kept::content::Content;
use crate::kept::fields::Fields;
use crate::limits::{KEPT_NAME_BYTES, VIEW_ADDRESS_BYTES, VIEWS, VIEWS_OF_OWNER};

/// A page of the dashboard with its range, filters and choices.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct View {
    /// Its name.
    pub name: String,
    /// Path and query of the page.
    pub address: String,
    /// Whether all tokens see it, or only its owner and the admin token.
    pub is_shared: bool,
}

impl Content for View {
    const KIND: &'static str = "views";
    const ONE: &'static str = "view";
    const MOST: usize = VIEWS;
    const MOST_OF_OWNER: usize = VIEWS_OF_OWNER;

    fn read(fields: &mut Fields<'_>) -> Self {
        let name = fields.line("name", KEPT_NAME_BYTES);
        let address = fields.line("address", VIEW_ADDRESS_BYTES);
        if !address.is_empty() && !is_own_address(&address) {
            let message = "must be path and query of a page, such as /overview?range=30d, with other characters escaped as in any URL";
            fields.fault("address", message);
        }
        Self { name, address, is_shared: fields.flag("is_shared") }
    }

    fn is_shared(&self) -> bool {
        self.is_shared
    }
}

/// Whether an address can only lead to a page of this server: browsers read `//host` and `/\host` as another one.
fn is_own_address(address: &str) -> bool {
    let is_path = address.starts_with('/') && !address.starts_with("//");
    is_path && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_does_not_lead_elsewhere() {
        for own in ["/", "/overview", "/content/a%2Fb?range=30d&f=channel:in:web,tv&f=x:is:'1"] {
            assert!(is_own_address(own), "{own}");
        }
        for other in [
            "overview",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/a b",
            "/<script>",
            "/é",
            "/#a",
        ] {
            assert!(!is_own_address(other), "{other}");
        }
    }
}
