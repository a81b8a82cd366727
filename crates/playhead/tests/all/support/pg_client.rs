//! A client of the PostgreSQL port that says exactly what it is told to, and writes down what comes back.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::{DEADLINE, ServerProcess};

/// The port that the banner names.
pub(crate) fn pg_port(server: &ServerProcess) -> u16 {
    let (_, behind) = server.banner().split_once("host=127.0.0.1 port=").unwrap();
    behind.split(' ').next().unwrap().parse().unwrap()
}

/// A connection that has logged in.
pub(crate) struct PgClient {
    stream: TcpStream,
    /// What was said about settings, the newest last.
    pub(crate) told: Vec<(String, String)>,
    /// The types of the columns of the last rows.
    pub(crate) types: Vec<u32>,
}

impl PgClient {
    pub(crate) fn connect(server: &ServerProcess) -> Self {
        Self::with_parameters(server, &[]).unwrap()
    }

    /// Logs in with parameters of its own; or the words and the code with which it was turned away.
    pub(crate) fn with_parameters(
        server: &ServerProcess,
        parameters: &[(&str, &str)],
    ) -> Result<Self, String> {
        let stream = TcpStream::connect(("127.0.0.1", pg_port(server))).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        for (name, value) in [("user", "anybody"), ("database", "playhead")].iter().chain(parameters) {
            body.extend_from_slice(format!("{name}\0{value}\0").as_bytes());
        }
        body.push(0);
        let mut client = Self { stream, told: Vec::new(), types: Vec::new() };
        client.stream.write_all(&message(b"", &body)).unwrap();
        client.send(b'p', format!("{}\0", server.token()).as_bytes());
        match client.transcript_to_ready().pop() {
            Some(last) if last == "ready I" => Ok(client),
            last => Err(last.unwrap_or_default()),
        }
    }

    pub(crate) fn send(&mut self, kind: u8, body: &[u8]) {
        self.stream.write_all(&message(&[kind], body)).unwrap();
    }

    /// The next message; `None` at the end of the connection.
    pub(crate) fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        self.stream.read_exact(&mut body).unwrap();
        Some((head[0], body))
    }

    /// What a message with statements has for an answer, a line for each message back.
    pub(crate) fn say(&mut self, statements: &str) -> Vec<String> {
        self.send(b'Q', format!("{statements}\0").as_bytes());
        self.transcript_to_ready()
    }

    /// The same without what does not matter: rows, tags and errors alone.
    pub(crate) fn ask(&mut self, statements: &str) -> Vec<String> {
        let mut lines = self.say(statements);
        lines.retain(|line| !line.starts_with("ready") && !line.starts_with("columns"));
        lines
    }

    /// Runs a statement in the messages of a prepared one: types and texts of its parameters, and the format of its rows.
    pub(crate) fn prepared(
        &mut self,
        statement: &str,
        types: &[u32],
        parameters: &[Option<&str>],
        format: u16,
    ) -> Vec<String> {
        self.parse("", statement, types);
        self.bind("", "", parameters, &[format]);
        self.send(b'D', b"P\0");
        self.send(b'E', b"\0\0\0\0\0");
        self.sync()
    }

    pub(crate) fn parse(&mut self, name: &str, statement: &str, types: &[u32]) {
        let mut body = format!("{name}\0{statement}\0").into_bytes();
        body.extend_from_slice(&u16::try_from(types.len()).unwrap().to_be_bytes());
        types.iter().for_each(|oid| body.extend_from_slice(&oid.to_be_bytes()));
        self.send(b'P', &body);
    }

    pub(crate) fn bind(&mut self, portal: &str, name: &str, parameters: &[Option<&str>], formats: &[u16]) {
        let mut body = format!("{portal}\0{name}\0\0\0").into_bytes();
        body.extend_from_slice(&u16::try_from(parameters.len()).unwrap().to_be_bytes());
        for parameter in parameters {
            let length = parameter.map_or(-1, |text| i32::try_from(text.len()).unwrap());
            body.extend_from_slice(&length.to_be_bytes());
            body.extend_from_slice(parameter.unwrap_or_default().as_bytes());
        }
        body.extend_from_slice(&u16::try_from(formats.len()).unwrap().to_be_bytes());
        formats.iter().for_each(|format| body.extend_from_slice(&format.to_be_bytes()));
        self.send(b'B', &body);
    }

    pub(crate) fn execute(&mut self, portal: &str, rows: i32) {
        self.send(b'E', &[portal.as_bytes(), b"\0", &rows.to_be_bytes()].concat());
    }

    pub(crate) fn sync(&mut self) -> Vec<String> {
        self.send(b'S', b"");
        self.transcript_to_ready()
    }

    /// A line for each message up to the one that says that the next statement may come.
    fn transcript_to_ready(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some((kind, body)) = self.next() {
            match kind {
                b'Z' => {
                    lines.push(format!("ready {}", char::from(body[0])));
                    return lines;
                }
                b'S' => {
                    let mut words = texts(&body);
                    let value = words.pop().unwrap();
                    self.told.push((words.pop().unwrap(), value));
                }
                b'T' => lines.push(format!("columns {}", self.columns(&body))),
                b'D' => lines.push(row(&body)),
                b'C' => lines.push(texts(&body).concat()),
                b'E' => lines.push(format!("error {}", told(&body))),
                b'N' => lines.push(format!("notice {}", told(&body))),
                b'I' => lines.push("empty".to_owned()),
                b'n' => lines.push("no columns".to_owned()),
                b's' => lines.push("suspended".to_owned()),
                b't' => lines.push(format!("parameters {}", oids(&body[2..]))),
                b'H' => lines.push(format!("copy {}", body[0])),
                b'd' => lines.push(format!("data {}", shown(&body))),
                b'c' => lines.push("copied".to_owned()),
                // That a step is done, and what a login says.
                b'1' | b'2' | b'3' | b'R' | b'K' | b'v' => {}
                other => lines.push(format!("message {}", char::from(other))),
            }
        }
        lines
    }

    /// The names of columns, of which the types are kept.
    fn columns(&mut self, mut body: &[u8]) -> String {
        body = &body[2..];
        let mut names = Vec::new();
        self.types.clear();
        while !body.is_empty() {
            let end = body.iter().position(|byte| *byte == 0).unwrap();
            names.push(String::from_utf8_lossy(&body[..end]).into_owned());
            let fields = &body[end + 1..];
            self.types.push(u32::from_be_bytes(fields[6..10].try_into().unwrap()));
            body = &fields[18..];
        }
        names.join(",")
    }
}

/// The values of a row, without a value as `null`, bytes that are no text as hexadecimal digits.
fn row(body: &[u8]) -> String {
    let mut rest = &body[2..];
    let mut values = Vec::new();
    while !rest.is_empty() {
        let (length, behind) = rest.split_at(4);
        rest = behind;
        match usize::try_from(i32::from_be_bytes(length.try_into().unwrap())) {
            Ok(length) => {
                values.push(shown(&rest[..length]));
                rest = &rest[length..];
            }
            Err(_) => values.push("null".to_owned()),
        }
    }
    format!("row {}", values.join("|"))
}

fn shown(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    text.map_or_else(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect(), str::to_owned)
}

/// The code and the words of an error or a notice.
fn told(body: &[u8]) -> String {
    let fields = texts(body);
    let field =
        |kind: char| fields.iter().find_map(|field| field.strip_prefix(kind)).unwrap_or_default().to_owned();
    format!("{} {}", field('C'), field('M'))
}

fn texts(body: &[u8]) -> Vec<String> {
    let texts = body.split(|byte| *byte == 0).filter(|text| !text.is_empty());
    let mut texts: Vec<String> = texts.map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    if texts.len() == 1 && body.iter().filter(|byte| **byte == 0).count() > 1 {
        // The second of two texts is empty.
        texts.push(String::new());
    }
    texts
}

fn oids(body: &[u8]) -> String {
    let oids = body.chunks(4).map(|oid| u32::from_be_bytes(oid.try_into().unwrap()).to_string());
    oids.collect::<Vec<_>>().join(",")
}

fn message(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [kind, &length, body].concat()
}
