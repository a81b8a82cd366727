//! What is answered over HTTP.

pub(crate) mod access;
mod answers;
pub(crate) mod assets;
mod body;
mod calls;
mod collection;
pub(crate) mod connections;
mod dispatch;
mod failed_logins;
mod idle;
mod lingering;
mod live;
mod login;
mod login_cookie;
pub(crate) mod openapi;
mod openapi_schemas;
mod operations;
mod query;
mod questions;
mod rate;
mod reports;
mod router;
mod segment;

use std::sync::Arc;

pub(crate) use router::router;

use crate::clock::{Clock, RandomSource};
use crate::faults::Faults;
use crate::http::access::Access;
use crate::http::assets::Assets;
use crate::ingest::Ingest;
use crate::keeper::KeeperHandle;
use crate::live::LiveFeed;
use crate::metrics::Metrics;
use crate::readers::Readers;
use crate::reports::questions::Questions;
use crate::reports::sessions::SessionReports;
use crate::settings::Settings;
use crate::status::Status;

/// What the endpoints work with.
pub(crate) struct App {
    pub(crate) settings: Arc<Settings>,
    pub(crate) ingest: Ingest,
    pub(crate) readers: Arc<Readers>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) status: Arc<Status>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: RandomSource,
    pub(crate) access: Arc<Access>,
    pub(crate) questions: Questions,
    pub(crate) sessions: SessionReports,
    pub(crate) keeper: KeeperHandle,
    pub(crate) faults: Arc<Faults>,
    pub(crate) live: LiveFeed,
    pub(crate) assets: Assets,
}
