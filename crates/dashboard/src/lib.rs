//! The built dashboard, embedded: the files of `web/dist` at compile time.
//!
//! Without a built dashboard everything compiles, and [`Dashboard::embedded`] has no file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Built;

/// The file of all pages; its script decides which page to show.
pub const PAGE: &str = "index.html";

/// A file of the dashboard.
#[derive(Debug, Clone)]
pub struct File {
    /// Its content.
    pub content: Cow<'static, [u8]>,
    /// The SHA-256 of its content.
    pub hash: [u8; 32],
}

/// The files of a dashboard, by their paths without a leading slash.
#[derive(Debug, Clone, Default)]
pub struct Dashboard(BTreeMap<Cow<'static, str>, File>);

impl Dashboard {
    /// The embedded dashboard.
    pub fn embedded() -> Self {
        let files = Built::iter().filter_map(|path| {
            let file = Built::get(&path)?;
            Some((path, File { content: file.data, hash: file.metadata.sha256_hash() }))
        });
        Self(files.collect())
    }

    /// A dashboard of these files: paths with their contents.
    pub fn of(files: impl IntoIterator<Item = (&'static str, &'static [u8])>) -> Self {
        let file = |(path, content): (&'static str, &'static [u8])| {
            let hash = Sha256::digest(content).into();
            (path.into(), File { content: content.into(), hash })
        };
        Self(files.into_iter().map(file).collect())
    }

    /// All files with their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(path, file)| (&**path, file))
    }
}
