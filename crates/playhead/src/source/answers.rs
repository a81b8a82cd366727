//! Where answers come from: a running server, or a data directory, with or without a server that works in it. Both
//! answer the same questions alike.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use playhead_lake::Location;
use playhead_node::clock::SystemClock;
use playhead_node::directory::queries_of_directory;
use playhead_node::error::Error as ServerError;
use playhead_node::tables::queries::{Queries, ReportQuery};
use tokio::runtime::Runtime;

use crate::error::Error;
use crate::settings::environment::Environment;
use crate::settings::{self, Effective, Layer};
use crate::source::client::{Client, Request};

/// What the paths of all questions begin with.
const REPORTS: &str = "/reports/v1/";

/// The server or the data directory that a command asks.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct PlaceArgs {
    /// Ask this running server instead of reading a data directory
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub server: Option<String>,
    /// The server's admin token; better given in the environment variable PLAYHEAD_TOKEN
    #[arg(long, value_name = "TOKEN", requires = "server")]
    pub token: Option<String>,
    /// The data directory to read, with or without a server that works in it [default: ./playhead-data]
    /// [env: PLAYHEAD_DATA]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// The same, for commands that need the tables as well.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LakePlaceArgs {
    /// Where the sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Where the tables are: a directory, from the data directory on, or s3://bucket/prefix with AWS_... variables
    /// [default: lake] [env: PLAYHEAD_LAKE]
    #[arg(long, value_name = "PLACE", conflicts_with = "server")]
    pub lake: Option<String>,
}

impl PlaceArgs {
    /// The server to ask, with the token for it; `None` when a data directory is to be read.
    ///
    /// # Errors
    ///
    /// When the address is none, or the token in the environment is no text.
    pub fn server(&self, environment: &Environment) -> Result<Option<(Client, Option<String>)>, Error> {
        let Some(url) = &self.server else { return Ok(None) };
        let token = match &self.token {
            Some(token) => Some(token.clone()),
            None => environment.token()?.map(str::to_owned),
        };
        Ok(Some((Client::new(url)?, token)))
    }

    /// The data directory to read.
    ///
    /// # Errors
    ///
    /// When a setting in the environment is wrong.
    pub fn data(&self, environment: &Environment) -> Result<PathBuf, Error> {
        let set = environment.settings()?.data;
        Ok(self.data.clone().or(set).unwrap_or_else(|| Effective::default().data.value))
    }
}

impl LakePlaceArgs {
    /// Whoever answers.
    ///
    /// # Errors
    ///
    /// When the address or the place of the tables is none, or the data directory cannot be read.
    pub fn answers(&self, environment: &Environment) -> Result<Box<dyn Answers>, Error> {
        if let Some((client, token)) = self.place.server(environment)? {
            return Ok(Box::new(ServerAnswers { client, token }));
        }
        let data = self.place.data(environment)?;
        Ok(Box::new(DirectoryAnswers::open(&data, self.location(&data, environment)?)?))
    }

    /// Where the tables of the data directory are.
    ///
    /// # Errors
    ///
    /// When there can be none.
    pub fn location(&self, data: &Path, environment: &Environment) -> Result<Location, Error> {
        let set = environment.settings()?.lake;
        let place = self.lake.clone().or(set).unwrap_or_else(|| Effective::default().lake.value);
        settings::lake_location(data, &place, environment.object_store())
    }

    /// The settings that the flags make.
    pub fn layer(&self) -> Layer {
        Layer { data: self.place.data.clone(), lake: self.lake.clone(), ..Layer::default() }
    }
}

/// A question.
#[derive(Debug, Clone, Default)]
pub struct Asked<'call> {
    /// Its path behind `/reports/v1/`.
    pub path: &'call str,
    /// The parameters of its query string.
    pub pairs: Vec<(&'static str, String)>,
    /// A JSON body; without one, the question is asked with GET.
    pub body: Option<String>,
    /// The media type that is asked for; empty for JSON.
    pub accept: &'call str,
}

/// Whoever answers questions.
pub trait Answers {
    /// Answers one. The answer is made as it is read.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the question is wrong; otherwise when nobody can answer it.
    fn ask(&self, asked: &Asked<'_>) -> Result<Box<dyn Read + '_>, Error>;
}

/// A running server.
#[derive(Debug)]
struct ServerAnswers {
    client: Client,
    token: Option<String>,
}

impl Answers for ServerAnswers {
    fn ask(&self, asked: &Asked<'_>) -> Result<Box<dyn Read + '_>, Error> {
        let request = Request {
            path: &format!("{REPORTS}{}", asked.path),
            pairs: &asked.pairs,
            body: asked.body.as_deref(),
            accept: asked.accept,
        };
        self.client.ask(request, self.token.as_deref())
    }
}

/// A data directory, which is only read.
struct DirectoryAnswers {
    runtime: Runtime,
    questions: Queries,
}

impl DirectoryAnswers {
    fn open(data: &Path, location: Location) -> Result<Self, Error> {
        let runtime = runtime()?;
        // Reading the journal and the lake's first steps may need the runtime around them.
        let _inside = runtime.enter();
        let questions = queries_of_directory(data, location, Arc::new(SystemClock));
        let questions = questions.map_err(Error::of_query)?;
        drop(_inside);
        Ok(Self { runtime, questions })
    }
}

impl Answers for DirectoryAnswers {
    fn ask(&self, asked: &Asked<'_>) -> Result<Box<dyn Read + '_>, Error> {
        let question = ReportQuery {
            path: asked.path,
            pairs: asked.pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            body: asked.body.as_deref().unwrap_or_default().as_bytes(),
            accept: asked.accept,
        };
        let answered = self.runtime.block_on(self.questions.ask(question)).map_err(Error::of_query)?;
        Ok(Box::new(StreamReader { runtime: &self.runtime, chunks: answered.body, chunk: None, taken: 0 }))
    }
}

/// A runtime for work in this process.
///
/// # Errors
///
/// When the system gives no threads.
pub fn runtime() -> Result<Runtime, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Error::System { context: "cannot start the runtime", message: error.to_string() })
}

/// Reads an answer that comes in chunks.
struct StreamReader<'runtime, Chunk> {
    runtime: &'runtime Runtime,
    chunks: BoxStream<'static, Result<Chunk, ServerError>>,
    chunk: Option<Chunk>,
    /// Bytes of the chunk that were read.
    taken: usize,
}

impl<Chunk: AsRef<[u8]>> Read for StreamReader<'_, Chunk> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let rest = self.chunk.as_ref().map_or(&[][..], |chunk| &chunk.as_ref()[self.taken..]);
            if !rest.is_empty() {
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                self.taken += count;
                return Ok(count);
            }
            match self.runtime.block_on(self.chunks.next()) {
                Some(Ok(chunk)) => (self.chunk, self.taken) = (Some(chunk), 0),
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Ok(0),
            }
        }
    }
}

/// Reads a whole JSON answer.
///
/// # Errors
///
/// When the question is refused, the answer breaks off, or it is no such answer.
pub fn ask_json<T: serde::de::DeserializeOwned>(
    answers: &dyn Answers,
    asked: &Asked<'_>,
) -> Result<T, Error> {
    /// Bytes of an answer that is held in memory as a whole.
    const LONGEST_BYTES: u64 = 512 * 1024 * 1024;
    let mut text = Vec::new();
    let mut answer = answers.ask(asked)?.take(LONGEST_BYTES);
    answer.read_to_end(&mut text).map_err(|error| Error::BrokenOff(error.to_string()))?;
    serde_json::from_slice(&text)
        .map_err(|error| Error::System { context: "cannot read the answer", message: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(runtime: &Runtime, chunks: Vec<Result<Vec<u8>, ServerError>>) -> StreamReader<'_, Vec<u8>> {
        StreamReader { runtime, chunks: futures::stream::iter(chunks).boxed(), chunk: None, taken: 0 }
    }

    #[test]
    fn an_answer_is_read_over_its_chunks_and_their_gaps() {
        let runtime = runtime().unwrap();
        let chunks = ["ab", "", "cdefg", "h"].map(|chunk| Ok(chunk.as_bytes().to_vec()));
        let mut reader = reader(&runtime, chunks.into());
        let mut first = [0; 3];
        reader.read_exact(&mut first).unwrap();
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert_eq!((&first, rest.as_str()), (b"abc", "defgh"));
    }

    #[test]
    fn an_answer_that_breaks_off_is_no_whole_answer() {
        let runtime = runtime().unwrap();
        let chunks = vec![Ok(b"half".to_vec()), Err(ServerError::Internal)];
        let mut text = String::new();
        assert!(reader(&runtime, chunks).read_to_string(&mut text).is_err());
    }

    #[test]
    fn the_flag_wins_over_the_environment() {
        let environment =
            Environment::of([("PLAYHEAD_DATA", "from-environment"), ("PLAYHEAD_LAKE", "elsewhere")]);
        let given = LakePlaceArgs {
            place: PlaceArgs { data: Some("given".into()), ..PlaceArgs::default() },
            lake: Some("lake-given".into()),
        };
        assert_eq!(given.place.data(&environment).unwrap(), Path::new("given"));
        let url = |args: &LakePlaceArgs| {
            args.location(Path::new("/data"), &environment).unwrap().url().path().to_owned()
        };
        assert_eq!(url(&given), "/data/lake-given/");
        let silent = LakePlaceArgs::default();
        assert_eq!(silent.place.data(&environment).unwrap(), Path::new("from-environment"));
        assert_eq!(url(&silent), "/data/elsewhere/");
    }
}
