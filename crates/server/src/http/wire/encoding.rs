//! Bodies that come compressed: which encodings are taken, and how they are unpacked.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use hyper::HeaderMap;
use hyper::header::CONTENT_ENCODING;

use crate::error::Error;

/// Members of a gzip body. Each costs the set-up of a decoder, however few bytes it has.
const GZIP_MEMBERS: usize = 64;

/// Bytes unpacked at once.
const STEP_BYTES: usize = 8 * 1024;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950 (zlib); or RFC 1951 without that frame, as some clients read the name.
    Deflate,
}

impl Encoding {
    /// The encoding that the headers name; `None` if the body is sent as it is.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedEncoding`] for any other encoding, and for one on top of another.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Error> {
        // Nearly no body is compressed, and that must cost nothing.
        if !headers.contains_key(CONTENT_ENCODING) {
            return Ok(None);
        }
        let mut encoding = None;
        for value in headers.get_all(CONTENT_ENCODING) {
            let names = value.to_str().map_err(|_| Error::UnsupportedEncoding)?;
            for name in names.split(',').map(str::trim) {
                let named = match name.to_ascii_lowercase().as_str() {
                    "" | "identity" => continue,
                    "gzip" | "x-gzip" => Self::Gzip,
                    "deflate" => Self::Deflate,
                    _ => return Err(Error::UnsupportedEncoding),
                };
                if encoding.replace(named).is_some() {
                    return Err(Error::UnsupportedEncoding);
                }
            }
        }
        Ok(encoding)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    fn damaged(self) -> Error {
        Error::fault(
            "",
            format!("must be {0}, as its Content-Encoding says; is damaged or incomplete", self.name()),
        )
    }
}

/// Unpacks a body piece by piece, and stops at the first piece that `take` does not want: what a body unpacks to may be a
/// thousand times its length.
pub(crate) fn unpack(
    packed: &[u8],
    encoding: Encoding,
    mut take: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut rest = packed;
    match encoding {
        Encoding::Gzip => {
            for _ in 0..GZIP_MEMBERS {
                let mut member = GzDecoder::new(rest);
                drain(&mut member, encoding, &mut take)?;
                rest = member.into_inner();
                if rest.is_empty() {
                    break;
                }
            }
        }
        Encoding::Deflate => {
            let mut inflate = Inflate::new(rest);
            drain(&mut inflate, encoding, &mut take)?;
            rest = inflate.rest;
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(encoding.damaged()) }
}

fn drain(
    unpacked: &mut impl Read,
    encoding: Encoding,
    take: &mut impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut step = [0; STEP_BYTES];
    loop {
        let bytes = unpacked.read(&mut step).map_err(|_| encoding.damaged())?;
        match step.get(..bytes) {
            Some(piece) if bytes > 0 => take(piece)?,
            _ => return Ok(()),
        }
    }
}

/// A reader of `deflate` that tells an end from data that was cut off, which the reader of the library does not.
struct Inflate<'a> {
    decompress: Decompress,
    rest: &'a [u8],
    has_ended: bool,
}

impl<'a> Inflate<'a> {
    fn new(packed: &'a [u8]) -> Self {
        // Every zlib frame begins with the method 8. Without a frame, the same bits would begin an uncompressed block whose
        // padding is not zero, which no encoder writes.
        let is_framed = packed.first().is_none_or(|first| first & 0x0f == 8);
        Self { decompress: Decompress::new(is_framed), rest: packed, has_ended: false }
    }
}

impl Read for Inflate<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        while !self.has_ended {
            let (packed_before, before) = (self.decompress.total_in(), self.decompress.total_out());
            let status = self.decompress.decompress(self.rest, space, FlushDecompress::None)?;
            let consumed = usize::try_from(self.decompress.total_in() - packed_before).unwrap_or(usize::MAX);
            let made = usize::try_from(self.decompress.total_out() - before).unwrap_or(usize::MAX);
            self.rest = self.rest.get(consumed..).unwrap_or_default();
            self.has_ended = status == Status::StreamEnd;
            if made > 0 {
                return Ok(made);
            }
            if consumed == 0 && !self.has_ended {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn packings(text: &[u8]) -> [(&'static str, Encoding, Vec<u8>); 3] {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text).unwrap();
        zlib.write_all(text).unwrap();
        bare.write_all(text).unwrap();
        [
            ("gzip", Encoding::Gzip, gzip.finish().unwrap()),
            ("zlib", Encoding::Deflate, zlib.finish().unwrap()),
            ("no frame", Encoding::Deflate, bare.finish().unwrap()),
        ]
    }

    fn unpacked(packed: &[u8], encoding: Encoding) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        unpack(packed, encoding, |piece| {
            text.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(text)
    }

    #[test]
    fn data_that_was_cut_off_or_goes_on_passed_for_whole() {
        let text = "an event, an event, another event. ".repeat(2_000).into_bytes();
        for (what, encoding, packed) in packings(&text) {
            assert_eq!(unpacked(&packed, encoding).unwrap(), text, "{what}");
            for end in 0..packed.len() {
                assert!(unpacked(&packed[..end], encoding).is_err(), "{what}, cut at {end}");
            }
            let longer = [&packed[..], b"more"].concat();
            assert!(unpacked(&longer, encoding).is_err(), "{what}");
        }
    }

    #[test]
    fn members_of_gzip_are_one_body_up_to_their_limit() {
        let [(_, _, member), ..] = packings(b"[]");
        assert_eq!(
            unpacked(&member.repeat(GZIP_MEMBERS), Encoding::Gzip).unwrap(),
            b"[]".repeat(GZIP_MEMBERS)
        );
        assert!(unpacked(&member.repeat(GZIP_MEMBERS + 1), Encoding::Gzip).is_err());
    }

    #[test]
    fn a_bomb_was_unpacked_beyond_the_piece_that_was_too_much() {
        for (what, encoding, packed) in packings(&vec![b' '; 4 << 20]) {
            let mut taken = 0;
            let outcome = unpack(&packed, encoding, |piece| {
                taken += piece.len();
                if taken > 100_000 { Err(Error::BodyTooLarge { limit_bytes: 100_000 }) } else { Ok(()) }
            });
            assert!(matches!(outcome, Err(Error::BodyTooLarge { .. })), "{what}");
            assert!(taken <= 100_000 + STEP_BYTES, "{what}: {taken}");
        }
    }
}
