//! Checks the files of a table's log one by one, to find those that cannot be read.

use std::sync::Arc;

use deltalake::ObjectStore;
use deltalake::logstore::LogStoreRef;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};
use serde_json::Value;

use crate::delta::finding::Finding;
use crate::delta::stored_file::read_whole;
use crate::limits::FILES_AT_ONCE;

/// The folder of a table's log.
pub(crate) const LOG: &str = "_delta_log";

/// The version of a file of the log: its name begins with it, in 20 digits.
pub(crate) fn version_of(name: &str) -> Option<u64> {
    let (digits, rest) = name.split_at_checked(20)?;
    rest.starts_with('.').then(|| digits.parse().ok()).flatten()
}

/// The faults of the files of a table's log. With `is_all`, also of those that a later checkpoint replaces.
pub(crate) fn log_findings(
    log: &LogStoreRef,
    table: &'static str,
    is_all: bool,
) -> BoxFuture<'static, Vec<Finding>> {
    // The future does not borrow from the table, so any thread can await it.
    findings_of(log.object_store(None), table, is_all).boxed()
}

async fn findings_of(store: Arc<dyn ObjectStore>, table: &'static str, is_all: bool) -> Vec<Finding> {
    let finding = |file: &str, message: String| Finding::new(table, &format!("{LOG}/{file}"), message);
    let files: Vec<ObjectMeta> = match store.list(Some(&Path::from(LOG))).try_collect().await {
        Ok(files) => files,
        Err(error) => return vec![finding("", error.to_string())],
    };
    let name = |file: &ObjectMeta| file.location.filename().unwrap_or_default().to_owned();
    let names: Vec<(String, ObjectMeta)> = files.into_iter().map(|file| (name(&file), file)).collect();
    let last_checkpoint =
        names.iter().filter(|(name, _)| is_checkpoint(name)).filter_map(|(name, _)| version_of(name)).max();
    let first = if is_all { 0 } else { last_checkpoint.unwrap_or(0) };
    let wanted: Vec<(String, ObjectMeta)> = names
        .iter()
        .filter(|(name, _)| version_of(name).is_none_or(|version| version >= first))
        .cloned()
        .collect();
    let looked_at: Vec<(String, Option<String>)> = futures::stream::iter(wanted)
        .map(|(name, file)| look_at(store.clone(), name, file))
        .buffer_unordered(FILES_AT_ONCE)
        .collect()
        .await;
    let broken = looked_at.into_iter().filter_map(|(name, message)| Some((name, message?)));
    let mut findings: Vec<Finding> = broken.map(|(name, message)| finding(&name, message)).collect();
    let mut versions: Vec<u64> = names
        .iter()
        .filter(|(name, _)| name.ends_with(".json"))
        .filter_map(|(name, _)| version_of(name))
        .collect();
    versions.sort_unstable();
    // Versions before a checkpoint are cleaned up, the oldest first.
    let begin = last_checkpoint.map_or(0, |version| version + 1);
    let after = versions.into_iter().filter(|version| *version >= begin);
    for (expected, found) in (begin..).zip(after) {
        if expected != found {
            findings.push(finding(&format!("{expected:020}.json"), "this version is missing".into()));
            break;
        }
    }
    findings.sort();
    findings
}

fn is_checkpoint(name: &str) -> bool {
    name.contains(".checkpoint") && name.ends_with(".parquet")
}

/// The fault of a file of a log, if it has one.
async fn look_at(store: Arc<dyn ObjectStore>, name: String, file: ObjectMeta) -> (String, Option<String>) {
    let message = match () {
        () if name == "_last_checkpoint" => broken_json(&*store, &file, false).await,
        () if is_checkpoint(&name) => {
            read_whole(&store, &file.location, None).await.err().map(|error| error.to_string())
        }
        () if name.ends_with(".json") && version_of(&name).is_some() => {
            broken_json(&*store, &file, true).await
        }
        () => None,
    };
    (name, message)
}

/// The fault of a file of JSON, if it has one: a file of one value, or of one value on each line.
async fn broken_json(store: &dyn ObjectStore, file: &ObjectMeta, is_lines: bool) -> Option<String> {
    let text = match store.get(&file.location).await {
        Ok(found) => found.bytes().await,
        Err(error) => Err(error),
    };
    let text = match text {
        Ok(text) => text,
        Err(error) => return Some(error.to_string()),
    };
    if text.is_empty() {
        return Some("it is empty".into());
    }
    if !is_lines {
        return serde_json::from_slice::<Value>(&text).err().map(|error| format!("it is not JSON: {error}"));
    }
    let lines =
        text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    for (index, line) in lines {
        if let Err(error) = serde_json::from_slice::<Value>(line) {
            return Some(format!("line {} is not JSON: {error}", index + 1));
        }
    }
    None
}
