//! The place to which queries spill. It is made when a query first needs it, and not at the start: a full disk must not
//! keep a server from starting, and a query that fits into its memory needs no disk.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::execution::disk_manager::{DiskManager, DiskManagerBuilder, DiskManagerMode};

use crate::error::Error;

/// The directory of spilled data, made when there is room for it.
pub(crate) struct Scratch {
    directory: Option<PathBuf>,
    limit_bytes: u64,
    nowhere: Arc<DiskManager>,
    made: Mutex<Option<Arc<DiskManager>>>,
}

impl Scratch {
    /// At most `limit_bytes` in a directory; without one, queries do not spill.
    ///
    /// # Errors
    ///
    /// If the query engine cannot be set up even without a directory, which does not happen.
    pub(crate) fn new(directory: Option<PathBuf>, limit_bytes: u64) -> Result<Self, Error> {
        let nowhere = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled).build()?;
        Ok(Self { directory, limit_bytes, nowhere: Arc::new(nowhere), made: Mutex::default() })
    }

    /// The place for one query: the directory, or none while that cannot be made. The next query tries again.
    pub(crate) fn for_query(&self) -> Arc<DiskManager> {
        let Some(directory) = &self.directory else { return self.nowhere.clone() };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = &*made {
            return made.clone();
        }
        // The library makes the folder itself, but not the one around it.
        if let Some(around) = directory.parent().filter(|around| !around.exists()) {
            // If that fails, the library says why.
            let _not_made = std::fs::create_dir(around);
        }
        let builder = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![directory.clone()]))
            .with_max_temp_directory_size(self.limit_bytes);
        match builder.build() {
            Ok(manager) => made.insert(Arc::new(manager)).clone(),
            Err(error) => {
                tracing::warn!(%error, directory = %directory.display(), "queries cannot spill; each tries again");
                self.nowhere.clone()
            }
        }
    }
}
