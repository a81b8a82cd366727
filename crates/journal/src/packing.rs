//! Bodies of events, packed.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

use crate::limits::MAX_GROUP_BYTES;

/// Zstandard's level. Higher ones take longer and gain next to nothing.
const LEVEL: i32 = 1;

/// Fewer bytes are not worth the work.
const MIN_BYTES: usize = 256;

thread_local! {
    // Their tables take longer to set up than a group takes to pack.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Appends the packed form of `bytes`; `false` if it has none that is shorter, and then what was appended is of no use.
pub(crate) fn pack(bytes: &[u8], packed: &mut Vec<u8>) -> bool {
    if bytes.len() < MIN_BYTES {
        return false;
    }
    let begin = packed.len();
    PACKER.with_borrow_mut(|packer| {
        if packer.is_none() {
            *packer = Compressor::new(LEVEL).ok();
        }
        let Some(packer) = packer else { return false };
        packed.resize(begin + bytes.len(), 0);
        match packer.compress_to_buffer(bytes, &mut packed[begin..]) {
            Ok(length) => {
                packed.truncate(begin + length);
                true
            }
            // It does not fit, so it is not shorter.
            Err(_) => false,
        }
    })
}

/// The bytes of a packed form that has so many of them, and nothing else.
pub(crate) fn unpack(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    if length > MAX_GROUP_BYTES {
        return None;
    }
    UNPACKER.with_borrow_mut(|unpacker| {
        if unpacker.is_none() {
            *unpacker = Decompressor::new().ok();
        }
        let mut bytes = Vec::with_capacity(length);
        let unpacked = unpacker.as_mut()?.decompress_to_buffer(packed, &mut bytes).ok()?;
        (unpacked == length).then_some(bytes)
    })
}
