//! The messages of PostgreSQL's protocol as bytes: their length, and whether they are whole. The library that answers them
//! trusts both, so they are checked before it sees them.

use playhead_node::limits::{POSTGRES_LOGIN_BYTES, POSTGRES_MESSAGE_BYTES, POSTGRES_SMALL_MESSAGE_BYTES};

/// The code of a request for TLS in place of a version.
const TLS_REQUEST: u32 = 80_877_103;
/// The code of a request for GSSAPI encryption.
const GSS_REQUEST: u32 = 80_877_104;
/// The code of a request to cancel a query of another connection.
const CANCEL_REQUEST: u32 = 80_877_102;
/// The only version of the protocol that is spoken, in its upper half.
const VERSION: u32 = 3;

/// What a client sends first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// It asks for TLS, and sends another first message after the answer.
    Tls,
    /// It asks for encryption that does not exist here, and sends another first message after the answer.
    Gss,
    /// It wants a query of another connection to end, and nothing more.
    Cancel,
    /// It begins.
    Startup,
}

/// The length of a first message with its head, by its first four bytes.
pub(super) fn first_length(head: [u8; 4]) -> Result<usize, String> {
    length(head, 8, POSTGRES_LOGIN_BYTES)
}

/// What a whole first message is.
pub(super) fn first(message: &[u8]) -> Result<First, String> {
    let mut rest = Rest(message.get(4..).unwrap_or_default());
    match rest.number()? {
        TLS_REQUEST if message.len() == 8 => Ok(First::Tls),
        GSS_REQUEST if message.len() == 8 => Ok(First::Gss),
        CANCEL_REQUEST => Ok(First::Cancel),
        version if version >> 16 == VERSION => {
            // Names and values, and an empty name at the end.
            while !rest.text()?.is_empty() {
                rest.text()?;
            }
            rest.end().map(|()| First::Startup)
        }
        version => Err(format!("the protocol {}.{} is not spoken here", version >> 16, version & 0xffff)),
    }
}

/// The user that a startup message names.
pub(super) fn user_of(startup: &[u8]) -> Option<String> {
    let mut rest = Rest(startup.get(8..)?);
    loop {
        match rest.text().ok()? {
            "" => return None,
            "user" => return rest.text().ok().map(str::to_owned),
            _ => drop(rest.text().ok()?),
        }
    }
}

/// Bytes of a message before its body: its kind and its length.
const HEAD_BYTES: usize = 5;

/// What the body of an error begins with that ends its connection.
const FATAL: &[u8] = b"SFATAL\0";

/// Follows answers through the pieces in which they come.
#[derive(Debug, Default)]
pub(super) struct Boundary {
    /// What the message that is under way began with.
    begin: Vec<u8>,
    /// Bytes of it that are still to come behind its head.
    rest: usize,
    /// How often it was said that the next statement may come.
    ready: usize,
    has_ended_in_words: bool,
}

impl Boundary {
    /// Takes in the next piece.
    pub(super) fn pass(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let in_head = HEAD_BYTES.saturating_sub(self.begin.len());
            let wanted = if in_head > 0 { in_head } else { self.rest };
            let (passed, behind) = piece.split_at(wanted.min(piece.len()));
            piece = behind;
            let kept = (HEAD_BYTES + FATAL.len()).saturating_sub(self.begin.len()).min(passed.len());
            self.begin.extend_from_slice(&passed[..kept]);
            if in_head == 0 {
                self.rest -= passed.len();
            } else if let [_, length @ ..] = self.begin.as_slice()
                && let Ok(length) = <[u8; 4]>::try_from(length)
            {
                let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
                self.rest = length.saturating_sub(4);
            }
            if self.begin.len() >= HEAD_BYTES && self.rest == 0 {
                self.ready += usize::from(self.begin[0] == b'Z');
                self.has_ended_in_words = self.begin[0] == b'E' && self.begin[HEAD_BYTES..] == *FATAL;
                self.begin.clear();
            }
        }
    }

    /// Whether the last message was whole.
    pub(super) fn is_reached(&self) -> bool {
        self.begin.is_empty()
    }

    /// How often it was said that the next statement may come.
    pub(super) fn ready(&self) -> usize {
        self.ready
    }

    /// Whether the last message was an error that ends the connection.
    pub(super) fn has_ended_in_words(&self) -> bool {
        self.has_ended_in_words
    }
}

/// The length of a later message without its kind, by its kind and the four bytes behind it.
pub(super) fn later_length(kind: u8, head: [u8; 4], has_logged_in: bool) -> Result<usize, String> {
    if !has_logged_in && kind != b'p' {
        return Err("a password is expected".into());
    }
    let most = match kind {
        _ if !has_logged_in => POSTGRES_LOGIN_BYTES,
        b'Q' | b'P' | b'B' => POSTGRES_MESSAGE_BYTES,
        _ => POSTGRES_SMALL_MESSAGE_BYTES,
    };
    length(head, 4, most)
}

/// Checks the body of a later message.
pub(super) fn check(kind: u8, body: &[u8]) -> Result<(), String> {
    let mut rest = Rest(body);
    match kind {
        b'Q' | b'p' => drop(rest.text()?),
        b'P' => {
            let (_name, _query) = (rest.text()?, rest.text()?);
            let types = rest.count()?;
            rest.bytes(types * 4)?;
        }
        b'B' => {
            let (_portal, _statement) = (rest.text()?, rest.text()?);
            let formats = rest.count()?;
            rest.bytes(formats * 2)?;
            for _ in 0..rest.count()? {
                match rest.number()? {
                    // No value.
                    u32::MAX => {}
                    length => drop(rest.bytes(usize::try_from(length).unwrap_or(usize::MAX))?),
                }
            }
            let formats = rest.count()?;
            rest.bytes(formats * 2)?;
        }
        b'D' | b'C' => {
            if !matches!(rest.bytes(1)?, b"S" | b"P") {
                return Err("neither a statement nor a portal is named".into());
            }
            rest.text()?;
        }
        b'E' => {
            rest.text()?;
            rest.number()?;
        }
        b'S' | b'H' | b'X' => {}
        _ => {
            return Err(format!("a message of kind {} is not known here", char::from(kind).escape_default()));
        }
    }
    rest.end()
}

/// The message with which a connection ends.
pub(super) fn fatal(code: &str, message: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', code), (b'M', message)] {
        body.push(field);
        body.extend_from_slice(value.as_bytes());
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&b"E"[..], &length.to_be_bytes(), &body].concat()
}

fn length(head: [u8; 4], least: usize, most: usize) -> Result<usize, String> {
    let length = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
    if length < least {
        return Err(format!("a message of {length} bytes is too short"));
    }
    if length > most {
        return Err(format!("a message of this kind may have {most} bytes here, and this one has {length}"));
    }
    Ok(length)
}

/// What is left of a message.
struct Rest<'message>(&'message [u8]);

impl<'message> Rest<'message> {
    fn bytes(&mut self, count: usize) -> Result<&'message [u8], String> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or("a message is cut short")?;
        self.0 = rest;
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u32, String> {
        let bytes: [u8; 4] = self.bytes(4)?.try_into().map_err(|_| "a message is cut short")?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn count(&mut self) -> Result<usize, String> {
        let bytes: [u8; 2] = self.bytes(2)?.try_into().map_err(|_| "a message is cut short")?;
        Ok(usize::from(u16::from_be_bytes(bytes)))
    }

    /// A text with its end.
    fn text(&mut self) -> Result<&'message str, String> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or("a text in a message has no end")?;
        let text = std::str::from_utf8(self.bytes(end)?).map_err(|_| "a text in a message is not UTF-8")?;
        self.bytes(1)?;
        Ok(text)
    }

    fn end(&self) -> Result<(), String> {
        if self.0.is_empty() { Ok(()) } else { Err("a message is longer than its content".into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_messages_pass_and_any_cut_or_longer_one_is_refused() {
        let messages: [(u8, &[u8]); 8] = [
            (b'Q', b"select 1\0"),
            (b'p', b"token\0"),
            (b'P', b"name\0select $1\0\0\x01\0\0\0\x17"),
            (b'B', b"\0name\0\0\x01\0\0\0\x02\0\0\0\x011\xff\xff\xff\xff\0\0"),
            (b'D', b"Sname\0"),
            (b'C', b"P\0"),
            (b'E', b"\0\0\0\0\0"),
            (b'S', b""),
        ];
        for (kind, body) in messages {
            assert_eq!(check(kind, body), Ok(()), "{}", char::from(kind));
            assert!(check(kind, &[body, b"x"].concat()).is_err(), "{}", char::from(kind));
            for end in 0..body.len() {
                assert!(check(kind, &body[..end]).is_err(), "{} cut at {end}", char::from(kind));
            }
        }
        assert!(check(b'd', b"").is_err());
        assert!(check(b'Q', b"\xff\0").is_err());
    }

    #[test]
    fn the_end_of_a_message_is_found_however_it_comes() {
        let messages =
            [&b"Z\0\0\0\x05I"[..], b"S\0\0\0\x04", b"D\0\0\0\x09hello", &fatal("57P02", "gone")].concat();
        for pieces in 1..8 {
            let mut boundary = Boundary::default();
            let mut passed = 0;
            for piece in messages.chunks(pieces) {
                boundary.pass(piece);
                passed += piece.len();
                assert_eq!(boundary.is_reached(), [6, 11, 21, messages.len()].contains(&passed), "{passed}");
                assert_eq!(boundary.has_ended_in_words(), passed == messages.len(), "{passed}");
            }
            assert_eq!(boundary.ready(), 1);
        }
    }

    #[test]
    fn the_user_of_a_login_is_found() {
        let startup = [&[0; 8][..], b"database\0a\0user\0ada\0\0"].concat();
        assert_eq!(user_of(&startup).as_deref(), Some("ada"));
        assert_eq!(user_of(&startup[..12]), None);
    }

    #[test]
    fn lengths_have_limits_that_a_login_raises() {
        assert!(later_length(b'Q', 100_u32.to_be_bytes(), false).is_err());
        assert_eq!(later_length(b'p', 100_u32.to_be_bytes(), false), Ok(100));
        assert!(later_length(b'p', 100_000_u32.to_be_bytes(), false).is_err());
        assert_eq!(later_length(b'Q', 100_000_u32.to_be_bytes(), true), Ok(100_000));
        assert!(later_length(b'Q', 900_000_000_u32.to_be_bytes(), true).is_err());
        assert!(later_length(b'Q', 3_u32.to_be_bytes(), true).is_err());
        // What the library refuses without a word, and a name must never be that long.
        for kind in [b'D', b'C', b'E', b'S', b'X'] {
            assert_eq!(later_length(kind, 8_192_u32.to_be_bytes(), true), Ok(8_192));
            assert!(later_length(kind, 8_193_u32.to_be_bytes(), true).is_err());
        }
        assert!(first_length(u32::MAX.to_be_bytes()).is_err());
    }

    #[test]
    fn first_messages_are_told_apart() {
        let startup =
            |parameters: &[u8]| [&0_u32.to_be_bytes()[..], &196_608_u32.to_be_bytes(), parameters].concat();
        assert_eq!(first(&startup(b"user\0a\0\0")), Ok(First::Startup));
        assert!(first(&startup(b"user\0a\0")).is_err());
        assert!(first(&startup(b"user")).is_err());
        let request = |code: u32| [8_u32.to_be_bytes(), code.to_be_bytes()].concat();
        assert_eq!(first(&request(TLS_REQUEST)), Ok(First::Tls));
        assert_eq!(first(&request(GSS_REQUEST)), Ok(First::Gss));
        assert!(first(&request(131_072)).unwrap_err().contains("2.0"));
    }
}
