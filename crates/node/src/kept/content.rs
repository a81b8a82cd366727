//! What all that is kept has in common: who may see and change it, and how it is refused.

use playhead_protocol::Fault;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::MaintenanceError;
use crate::kept::fields::Fields;
use crate::kept::schedule::places::Places;

/// Something that can be kept.
pub trait Content: Clone + Serialize + DeserializeOwned + Send + Sync + JsonSchema + 'static {
    /// The name of its kind: in paths, and in the journal's keys.
    const KIND: &'static str;
    /// The name of one.
    const ONE: &'static str;
    /// How many are kept at a time.
    const MOST: usize;
    /// How many of them may belong to one owner.
    const MOST_OF_OWNER: usize;

    /// Reads it from the fields of a body, and takes down their faults.
    fn read(fields: &mut Fields<'_>) -> Self;

    /// Finds what this server, with the places that its operator allows, does not do.
    fn check(&self, _places: &Places, _fields: &mut Fields<'_>) {}

    /// Whether others than its owner see it.
    fn is_shared(&self) -> bool;
}

/// Whoever holds a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHolder {
    /// The name of the token.
    pub name: String,
    /// Whether the token allows everything: its holder sees and changes also what others keep for themselves.
    pub is_admin: bool,
}

/// Something kept, as the report API shows it to a holder of a token.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "Kept{T}")]
pub struct Kept<T> {
    /// Its id, which never changes.
    pub id: String,
    /// The name of the token with which it was made.
    pub owner: String,
    /// 1 when it is made, and one more with each change. A change names the version that it is made to.
    pub version: u64,
    /// When it was made, by the server's clock.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: String,
    /// When it was last changed.
    #[schemars(extend("format" = "date-time"))]
    pub changed_at: String,
    /// Whether the token of this request may change or remove it.
    pub can_change: bool,
    /// The rest.
    #[serde(flatten)]
    pub content: T,
}

/// Why something is not kept, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The body breaks the rules.
    #[error("the request is invalid")]
    Invalid(Vec<Fault>),
    /// There is none with this id, or its owner keeps it private.
    #[error("{0} not found")]
    Unknown(&'static str),
    /// It belongs to somebody else.
    #[error("the {0} belongs to another token; only that one and the admin token may change it")]
    OfAnother(&'static str),
    /// There are as many as may be.
    #[error("there are {most} {kind}, and that is the most; remove another one first")]
    TooMany {
        /// What there are too many of.
        kind: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// One owner has as many as one may have.
    #[error("this token has {most} {kind}, and that is the most for one; remove another one first")]
    TooManyOfOwner {
        /// What there are too many of.
        kind: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// Somebody else has changed it since it was read.
    #[error(
        "the {one} was changed meanwhile and has version {version} now; read it again before you change it"
    )]
    ChangedMeanwhile {
        /// What was changed.
        one: &'static str,
        /// Its version.
        version: u64,
    },
    /// The journal does not take it, or the node stops.
    #[error(transparent)]
    NotKept(#[from] MaintenanceError),
}

impl From<Vec<Fault>> for KeptError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Invalid(faults)
    }
}
