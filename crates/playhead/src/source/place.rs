//! The flags that name a server or a data directory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use playhead_lake::Location;
use playhead_node::clock::Clock;

use crate::error::Error;
use crate::settings::environment::Environment;
use crate::settings::{self, Effective, Layer};
use crate::source::Source;
use crate::source::client::Client;
use crate::source::directory::DirectorySource;
use crate::source::server::ServerSource;

/// The server or the data directory that a command reads.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct PlaceArgs {
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
pub(crate) struct LakePlaceArgs {
    /// Where the sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Where the tables are: a directory, from the data directory on, or s3://bucket/prefix with AWS_... variables
    /// [default: lake] [env: PLAYHEAD_LAKE]
    #[arg(long, value_name = "PLACE", conflicts_with = "server")]
    pub lake: Option<String>,
}

impl PlaceArgs {
    /// The server to read from, with the token for it; `None` if the command reads a data directory.
    ///
    /// # Errors
    ///
    /// If the URL is invalid or the token in the environment is not UTF-8.
    pub(crate) fn server(
        &self,
        environment: &Environment,
    ) -> Result<Option<(Client, Option<String>)>, Error> {
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
    /// If a setting in the environment is wrong.
    pub(crate) fn data(&self, environment: &Environment) -> Result<PathBuf, Error> {
        let set = environment.settings()?.data;
        Ok(self.data.clone().or(set).unwrap_or_else(|| Effective::default().data.value))
    }
}

impl LakePlaceArgs {
    /// The server or the data directory; `clock` says what "now" is in a data directory.
    ///
    /// # Errors
    ///
    /// If the URL or the place of the tables is invalid, or the data directory cannot be read.
    pub(crate) fn source(
        &self,
        environment: &Environment,
        clock: Arc<dyn Clock>,
    ) -> Result<Box<dyn Source>, Error> {
        if let Some((client, token)) = self.place.server(environment)? {
            return Ok(Box::new(ServerSource::new(client, token)));
        }
        let data = self.place.data(environment)?;
        // Who reads the directory beside its server, in the same environment, gets the same days.
        let zone = environment.settings()?.time_zone.unwrap_or_else(|| Effective::default().time_zone.value);
        Ok(Box::new(DirectorySource::open(&data, self.location(&data, environment)?, zone, clock)?))
    }

    /// Where the tables of the data directory are.
    ///
    /// # Errors
    ///
    /// If the place is invalid.
    pub(crate) fn location(&self, data: &Path, environment: &Environment) -> Result<Location, Error> {
        let set = environment.settings()?.lake;
        let place = self.lake.clone().or(set).unwrap_or_else(|| Effective::default().lake.value);
        settings::lake_location(data, &place, environment.object_store())
    }

    /// The settings that the flags make.
    pub(crate) fn layer(&self) -> Layer {
        Layer { data: self.place.data.clone(), lake: self.lake.clone(), ..Layer::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
