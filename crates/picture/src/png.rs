//! Writes pictures as PNG: 8 bits a channel, no transparency, one block of compressed lines (ISO/IEC 15948).

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// Bits of a channel; three channels; the only methods of compression and of filtering that there are; not interlaced.
const FORMAT: [u8; 5] = [8, 2, 0, 0, 0];

/// In front of a line that stands as it is: even grounds and few colours leave nothing for the other filters to gain.
const FILTER_NONE: u8 = 0;

/// Bytes of a pixel.
pub(crate) const PIXEL_BYTES: usize = 3;

/// The file of a picture, given its pixels line by line.
pub(crate) fn encode(width_px: u32, height_px: u32, pixels: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&width_px.to_be_bytes());
    header.extend_from_slice(&height_px.to_be_bytes());
    header.extend_from_slice(&FORMAT);

    let line_bytes = width_px as usize * PIXEL_BYTES;
    let mut compressor = ZlibEncoder::new(Vec::new(), Compression::default());
    for line in pixels.chunks_exact(line_bytes) {
        compressor.write_all(&[FILTER_NONE])?;
        compressor.write_all(line)?;
    }
    let mut file = SIGNATURE.to_vec();
    chunk(*b"IHDR", &header, &mut file);
    chunk(*b"IDAT", &compressor.finish()?, &mut file);
    chunk(*b"IEND", &[], &mut file);
    Ok(file)
}

/// Length, kind, content, and a checksum over kind and content.
fn chunk(kind: [u8; 4], content: &[u8], file: &mut Vec<u8>) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    file.extend_from_slice(&length.to_be_bytes());
    let mut checksum = Crc::new();
    for part in [&kind[..], content] {
        checksum.update(part);
        file.extend_from_slice(part);
    }
    file.extend_from_slice(&checksum.sum().to_be_bytes());
}
