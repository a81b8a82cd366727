//! What there is to watch, on what, and when: the same for all viewers of a run.

pub(crate) mod catalogue;
pub(crate) mod schedule;

use crate::settings::Settings;
use crate::world::catalogue::Catalogue;
use crate::world::schedule::Schedule;

/// Everything that the viewers of a run share.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) catalogue: Catalogue,
    pub(crate) schedule: Schedule,
}

impl World {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.clone(),
            catalogue: Catalogue::new(settings),
            schedule: Schedule::new(settings),
        }
    }
}
