//! Checkpoints of sessions as bytes.
//!
//! Layout: format (1 byte), fingerprint of the parameter table (8 bytes, little endian), sequence of the session's
//! last event (8 bytes, little endian), then the session. A state is only a short cut: what another release wrote is
//! not decoded but accounted for again from the session's events, so an upgrade needs no migration of states.

use playhead_protocol::PARAMS;
use playhead_session::{Fingerprint, Session};

use crate::error::Unreplayable;

/// Changes with every change of what a session is made of.
const FORMAT: u8 = 8;

const HEADER_BYTES: usize = 1 + 8 + 8;

/// A state read back.
#[derive(Debug)]
pub(crate) enum Decoded {
    /// The session.
    Session(Box<Session>),
    /// Another release wrote it: the session is to be made from its events, up to this one.
    OtherRelease { last_sequence: u64 },
}

/// Packed parameters name their parameter by its place in the table, so states belong to one table.
fn table_fingerprint() -> [u8; 8] {
    let keys: Vec<&str> = PARAMS.iter().map(|param| param.key).collect();
    Fingerprint::of(keys.join("\n").as_bytes()).as_u64().to_le_bytes()
}

/// Writes states, and remembers what does not change between them.
#[derive(Debug)]
pub(crate) struct Encoder {
    table: [u8; 8],
}

impl Encoder {
    pub(crate) fn new() -> Self {
        Self { table: table_fingerprint() }
    }

    /// The state of a session as it is now.
    pub(crate) fn encode(&self, session: &Session) -> Result<Vec<u8>, Unreplayable> {
        let mut state = Vec::with_capacity(1_024);
        state.push(FORMAT);
        state.extend(self.table);
        state.extend(session.last_sequence().to_le_bytes());
        postcard::to_extend(session, state)
            .map_err(|error| Unreplayable(format!("a session cannot be checkpointed: {error}")))
    }
}

/// Reads states back, and remembers what does not change between them.
#[derive(Debug)]
pub(crate) struct Decoder {
    table: [u8; 8],
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self { table: table_fingerprint() }
    }

    /// Reads a state back.
    pub(crate) fn decode(&self, state: &[u8]) -> Result<Decoded, Unreplayable> {
        let damaged = |what: &str| Unreplayable(format!("a checkpoint is damaged: {what}"));
        let Some((header, session)) = state.split_first_chunk::<HEADER_BYTES>() else {
            return Err(damaged("it is shorter than its header"));
        };
        let last_sequence = header[9..].try_into().map_err(|_| damaged("its header is incomplete"))?;
        if header[0] != FORMAT || header[1..9] != self.table {
            return Ok(Decoded::OtherRelease { last_sequence: u64::from_le_bytes(last_sequence) });
        }
        let session = postcard::from_bytes(session).map_err(|error| damaged(&error.to_string()))?;
        Ok(Decoded::Session(Box::new(session)))
    }
}
