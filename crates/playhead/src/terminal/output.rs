//! The destination of a response: standard output, or a file that appears once it is complete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::Error;
use crate::terminal::printable::Escaper;
use crate::terminal::tables::Terminal;

/// The size of a chunk.
const CHUNK_BYTES: usize = 64 * 1024;

/// The format of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ResponseFormat {
    /// A table for people
    Table,
    /// JSON
    Json,
    /// CSV with a header
    Csv,
    /// A Parquet file
    Parquet,
}

impl ResponseFormat {
    /// Its media type; a table is made from JSON.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Table | Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The kind of its bytes.
    pub(crate) const fn content(self) -> Content {
        match self {
            Self::Table | Self::Csv => Content::Text,
            Self::Json => Content::Json,
            Self::Parquet => Content::Binary,
        }
    }
}

/// The kind of the bytes of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// JSON.
    Json,
    /// Other text.
    Text,
    /// Not text.
    Binary,
}

/// The destination of a response.
pub(crate) struct Output<'out> {
    to: To<'out>,
    is_terminal: bool,
}

enum To<'out> {
    Standard(&'out mut dyn Write),
    File(PartFile),
}

impl<'out> Output<'out> {
    /// Opens `file`, or standard output.
    ///
    /// # Errors
    ///
    /// [`Error::WrongCall`] if bytes would go to a terminal; [`Error::Unwritable`] if the file cannot be created.
    pub(crate) fn open(
        file: Option<&Path>,
        content: Content,
        terminal: Terminal,
        out: &'out mut dyn Write,
    ) -> Result<Self, Error> {
        let Some(path) = file else {
            if terminal.is_stdout && content == Content::Binary {
                return Err(Error::WrongCall(
                    "a terminal cannot show this format; write it to a file with --out, or to a pipe".into(),
                ));
            }
            return Ok(Self { to: To::Standard(out), is_terminal: terminal.is_stdout });
        };
        Ok(Self { to: To::File(PartFile::create(path)?), is_terminal: false })
    }

    /// Whether the destination is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Writes a text and a line break.
    ///
    /// # Errors
    ///
    /// If the text cannot be written.
    pub(crate) fn put_text(mut self, text: &str) -> Result<(), Error> {
        self.write(text.as_bytes())?;
        self.write(b"\n")?;
        self.finish()
    }

    /// Writes a response as it arrives. For a terminal, control characters are escaped.
    ///
    /// # Errors
    ///
    /// [`Error::BrokenOff`] if it ends early; another error if it cannot be written. No file appears then.
    pub(crate) fn put_response(
        mut self,
        response: &mut dyn Read,
        content: Content,
        progress: &ProgressBar,
    ) -> Result<(), Error> {
        let mut escaping =
            (self.is_terminal && content != Content::Binary).then(|| Escaper::new(content == Content::Json));
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut last = b'\n';
        loop {
            let count = match response.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::BrokenOff(error.to_string())),
            };
            let read = &chunk[..count];
            last = read[count - 1];
            progress.inc(count as u64);
            match &mut escaping {
                Some(escaping) => self.write(escaping.escape(read).as_bytes())?,
                None => self.write(read)?,
            }
        }
        if let Some(escaping) = escaping {
            self.write(escaping.finish().as_bytes())?;
        }
        if content != Content::Binary && last != b'\n' {
            self.write(b"\n")?;
        }
        self.finish()
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.to {
            To::Standard(out) => Ok(out.write_all(bytes)?),
            To::File(file) => file.write(bytes),
        }
    }

    fn finish(self) -> Result<(), Error> {
        match self.to {
            To::Standard(out) => Ok(out.flush()?),
            To::File(file) => file.finish(),
        }
    }
}

/// A file that has another name until it is complete.
#[derive(Debug)]
struct PartFile {
    path: PathBuf,
    /// Its temporary path; `None` if the path is not a file but, for example, a pipe, which is written directly.
    part: Option<PathBuf>,
    file: BufWriter<File>,
}

impl PartFile {
    fn create(path: &Path) -> Result<Self, Error> {
        let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
        // Replaces the target of a link, not the link.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if target.is_dir() {
            return Err(unwritable(io::ErrorKind::IsADirectory.into()));
        }
        if target.exists() && !target.is_file() {
            let file = OpenOptions::new().write(true).open(&target).map_err(unwritable)?;
            return Ok(Self { path: target, part: None, file: BufWriter::new(file) });
        }
        let Some(name) = target.file_name() else {
            return Err(unwritable(io::ErrorKind::InvalidFilename.into()));
        };
        let mut part_name = name.to_owned();
        part_name.push(format!(".{}.part", std::process::id()));
        let part = target.with_file_name(part_name);
        let file = File::create(&part).map_err(unwritable)?;
        Ok(Self { path: target, part: Some(part), file: BufWriter::new(file) })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|source| self.unwritable(source))
    }

    fn finish(mut self) -> Result<(), Error> {
        self.file.flush().map_err(|source| self.unwritable(source))?;
        let Some(part) = &self.part else { return Ok(()) };
        self.file.get_ref().sync_all().map_err(|source| self.unwritable(source))?;
        fs::rename(part, &self.path).map_err(|source| self.unwritable(source))?;
        self.part = None;
        Ok(())
    }

    fn unwritable(&self, source: io::Error) -> Error {
        Error::Unwritable { path: self.path.clone(), source }
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            // An incomplete file is useless; if it cannot be removed, its name marks it as incomplete.
            let _removed = fs::remove_file(part);
        }
    }
}

/// Shows the number of received bytes on standard error, if that is a terminal and the output is not.
pub(crate) fn byte_progress(terminal: Terminal, is_to_terminal: bool) -> ProgressBar {
    if !terminal.is_stderr || is_to_terminal {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{spinner} {bytes}, {bytes_per_sec}, {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &Path, response: &mut dyn Read) -> Result<(), Error> {
        let mut out = Vec::new();
        let output = Output::open(Some(path), Content::Binary, Terminal::default(), &mut out)?;
        output.put_response(response, Content::Binary, &ProgressBar::hidden())
    }

    struct Breaking;

    impl Read for Breaking {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the line is cut"))
        }
    }

    #[test]
    fn a_file_appears_once_it_is_complete() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rows.parquet");
        let mut half = (&b"half"[..]).chain(Breaking);
        assert!(matches!(put(&path, &mut half), Err(Error::BrokenOff(_))));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "nothing is left behind");
        put(&path, &mut &b"whole"[..]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert!(put(&path, &mut Breaking).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"whole", "the earlier file stays");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_a_regular_file_is_replaced() {
        put(Path::new("/dev/null"), &mut &b"anything"[..]).unwrap();
        assert!(!Path::new("/dev/null").is_file());
        let directory = tempfile::tempdir().unwrap();
        assert!(put(directory.path(), &mut &b"x"[..]).is_err());
        let missing = directory.path().join("missing/rows");
        assert!(put(&missing, &mut &b"x"[..]).unwrap_err().to_string().contains("missing/rows"));
    }

    #[test]
    fn bytes_never_go_to_a_terminal_and_text_goes_escaped() {
        let terminal = Terminal { is_stdout: true, ..Terminal::default() };
        let mut out = Vec::new();
        let refused = Output::open(None, Content::Binary, terminal, &mut out);
        assert!(matches!(refused, Err(Error::WrongCall(_))));
        let output = Output::open(None, Content::Text, terminal, &mut out).unwrap();
        output.put_response(&mut &b"a,\x1b[2J\nb"[..], Content::Text, &ProgressBar::hidden()).unwrap();
        assert_eq!(out, b"a,\\u{1b}[2J\nb\n");
    }
}
