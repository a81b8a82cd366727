//! Broken files: every reader names them, and the other tables still work.

use std::path::{Path, PathBuf};

use crate::filled_journal::{FilledJournal, directory, stored, try_stored};
use datafusion::prelude::SessionContext;
use playhead_lake::limits::CHECKPOINT_VERSIONS;
use playhead_lake::{Lake, Table};
use tempfile::TempDir;

struct Broken {
    place: TempDir,
    filled: FilledJournal,
}

impl Broken {
    /// A lake with some versions of each table.
    async fn new(sessions: u64, page: usize) -> Self {
        Self::in_pages(sessions, page, page).await
    }

    async fn in_pages(sessions: u64, page: usize, page_of_events: usize) -> Self {
        let place = TempDir::new().unwrap();
        let filled = FilledJournal::new("here", 7, sessions);
        let lake = filled.lake(directory(place.path()));
        filled.hand_over_in(&lake, page, page_of_events).await.unwrap();
        Self { place, filled }
    }

    /// The lake in a process that has not read anything yet.
    fn lake(&self) -> Lake {
        self.filled.lake(directory(self.place.path()))
    }

    fn folder(&self, table: Table) -> PathBuf {
        self.place.path().join("lake").join(table.name())
    }

    /// A data file of a table.
    fn data_file(&self, table: Table) -> PathBuf {
        let mut files = Vec::new();
        for day in std::fs::read_dir(self.folder(table)).unwrap() {
            let day = day.unwrap().path();
            if !day.ends_with("_delta_log") {
                files.extend(std::fs::read_dir(day).unwrap().map(|file| file.unwrap().path()));
            }
        }
        files.sort();
        files.remove(0)
    }

    fn log_file(&self, table: Table, name: &str) -> PathBuf {
        self.folder(table).join("_delta_log").join(name)
    }

    /// The file's name in findings.
    fn name(&self, file: &Path) -> String {
        file.strip_prefix(self.place.path().join("lake")).unwrap().to_str().unwrap().to_owned()
    }

    /// All findings of verify, as text.
    async fn findings(&self, is_thorough: bool) -> Vec<String> {
        let verified = self.lake().verify(is_thorough, |_| {}).await;
        verified.findings.iter().map(ToString::to_string).collect()
    }

    /// Checks that exactly this file is found, and that all other tables work.
    async fn assert_found(&self, table: Table, file: &Path, why: &str, is_quick: bool) {
        let name = self.name(file);
        for is_thorough in [false, true] {
            let findings = self.findings(is_thorough).await;
            if is_thorough || is_quick {
                assert_eq!(findings.len(), 1, "{findings:?}");
                assert!(findings[0].starts_with(&name) && findings[0].contains(why), "{findings:?}");
            }
        }
        let told = self.lake().explain_failure(table).await.unwrap();
        assert!(told.contains(&name), "{told}");
        for other in Table::ALL.into_iter().filter(|other| *other != table) {
            assert_eq!(stored(&self.lake(), other).await, self.filled.expected(other), "{}", other.name());
            assert_eq!(self.lake().explain_failure(other).await, None);
        }
    }
}

fn cut(file: &Path, bytes: u64) {
    std::fs::OpenOptions::new().write(true).open(file).unwrap().set_len(bytes).unwrap();
}

fn overwrite_middle(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let third = bytes.len() / 3;
    bytes[third..2 * third].fill(0xa5);
    std::fs::write(file, bytes).unwrap();
}

/// The number of rows of the table, or the error of a query over it.
async fn ask(lake: &Lake, table: Table) -> Result<usize, String> {
    let snapshot = lake.snapshot(table).await.map_err(|error| error.to_string())?;
    let provider = snapshot.provider().await.map_err(|error| error.to_string())?.unwrap();
    let rows = SessionContext::new().read_table(provider).unwrap().collect().await;
    let rows = rows.map_err(|error| error.to_string())?;
    Ok(rows.iter().map(|batch| batch.num_rows()).sum())
}

#[tokio::test]
async fn all_is_well() {
    let broken = Broken::new(12, 5).await;
    for is_thorough in [false, true] {
        let mut seen = Vec::new();
        let verified = broken.lake().verify(is_thorough, |progress| seen.push(progress)).await;
        assert_eq!(verified.findings, []);
        let rows: usize = Table::ALL.into_iter().map(|table| broken.filled.expected(table).num_rows()).sum();
        assert_eq!(verified.rows, rows as u64);
        assert!(verified.files >= 5 && verified.bytes > 0, "{verified:?}");
        assert_eq!((verified.unreferenced_files, verified.unreferenced_bytes), (0, 0));
        let sessions: Vec<_> = seen.iter().filter(|progress| progress.table == "sessions").collect();
        assert_eq!(sessions.last().unwrap().files, sessions[0].of_files);
    }
    assert_eq!(broken.lake().explain_failure(Table::Sessions).await, None);
}

#[tokio::test]
async fn an_empty_place_is_well() {
    let place = TempDir::new().unwrap();
    let lake = Lake::new(directory(place.path()), "here").unwrap();
    assert_eq!(lake.verify(true, |_| {}).await, playhead_lake::Verified::default());
}

#[tokio::test]
async fn a_data_file_that_was_cut_off() {
    let broken = Broken::new(12, 20).await;
    let file = broken.data_file(Table::Sessions);
    cut(&file, std::fs::metadata(&file).unwrap().len() / 2);
    assert!(ask(&broken.lake(), Table::Sessions).await.is_err());
    broken.assert_found(Table::Sessions, &file, "the log says", true).await;
}

#[tokio::test]
async fn a_data_file_with_a_broken_middle() {
    let broken = Broken::new(40, 200).await;
    let file = broken.data_file(Table::Ads);
    overwrite_middle(&file);
    assert!(ask(&broken.lake(), Table::Ads).await.is_err());
    broken.assert_found(Table::Ads, &file, "", false).await;
}

#[tokio::test]
async fn a_data_file_of_garbage() {
    let broken = Broken::new(12, 20).await;
    let file = broken.data_file(Table::Events);
    let bytes = std::fs::metadata(&file).unwrap().len();
    std::fs::write(&file, vec![7; bytes as usize]).unwrap();
    assert!(ask(&broken.lake(), Table::Events).await.is_err());
    broken.assert_found(Table::Events, &file, "not a complete Parquet file", true).await;
}

#[tokio::test]
async fn a_data_file_that_is_gone() {
    let broken = Broken::new(12, 20).await;
    let file = broken.data_file(Table::Chapters);
    std::fs::remove_file(&file).unwrap();
    assert!(ask(&broken.lake(), Table::Chapters).await.is_err());
    broken.assert_found(Table::Chapters, &file, "missing", true).await;
}

#[tokio::test]
async fn a_data_file_of_other_rows() {
    let broken = Broken::new(12, 20).await;
    let file = broken.data_file(Table::Sessions);
    let log = broken.log_file(Table::Sessions, "00000000000000000001.json");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replace("numRecords\\\":12", "numRecords\\\":13")).unwrap();
    broken.assert_found(Table::Sessions, &file, "12 rows; the log says 13", true).await;
}

#[tokio::test]
async fn a_version_that_was_cut_off() {
    let broken = Broken::new(12, 5).await;
    for (version, bytes) in [("00000000000000000002.json", 200), ("00000000000000000000.json", 500)] {
        let file = broken.log_file(Table::Errors, version);
        let whole = std::fs::read(&file).unwrap();
        cut(&file, bytes);
        let told = ask(&broken.lake(), Table::Errors).await.unwrap_err();
        assert!(told.contains(&broken.name(&file)), "{told}");
        let told = broken.filled.hand_over(&broken.lake(), 5).await.unwrap_err().to_string();
        assert!(told.contains(&broken.name(&file)), "{told}");
        broken.assert_found(Table::Errors, &file, "not JSON", true).await;
        std::fs::write(&file, whole).unwrap();
    }
    assert_eq!(broken.findings(true).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_version_that_is_empty_or_gone() {
    let broken = Broken::new(12, 3).await;
    let file = broken.log_file(Table::Sessions, "00000000000000000002.json");
    cut(&file, 0);
    let findings = broken.findings(false).await;
    assert_eq!(findings, [format!("{}: it is empty", broken.name(&file))]);
    std::fs::remove_file(&file).unwrap();
    let findings = broken.findings(false).await;
    assert_eq!(findings, [format!("{}: this version is missing", broken.name(&file))]);
    let told = ask(&broken.lake(), Table::Sessions).await.unwrap_err();
    assert!(told.contains(&broken.name(&file)), "{told}");
}

#[tokio::test]
async fn a_checkpoint_of_garbage() {
    let broken = Broken::in_pages(CHECKPOINT_VERSIONS / 3 + 2, 100, 1).await;
    let file = broken.log_file(Table::Events, &format!("{:020}.checkpoint.parquet", CHECKPOINT_VERSIONS - 1));
    let bytes = std::fs::metadata(&file).unwrap().len();
    std::fs::write(&file, vec![7; bytes as usize]).unwrap();
    let told = ask(&broken.lake(), Table::Events).await.unwrap_err();
    assert!(told.contains(&broken.name(&file)), "{told}");
    broken.assert_found(Table::Events, &file, "Parquet", true).await;
}

#[tokio::test]
async fn files_that_no_version_has_are_only_counted() {
    let broken = Broken::new(12, 20).await;
    let file = broken.data_file(Table::Sessions);
    std::fs::copy(&file, file.with_file_name("left-over.parquet")).unwrap();
    let verified = broken.lake().verify(true, |_| {}).await;
    assert_eq!(verified.findings, []);
    assert_eq!(verified.unreferenced_files, 1);
    assert_eq!(verified.unreferenced_bytes, std::fs::metadata(&file).unwrap().len());
    assert!(try_stored(&broken.lake(), Table::Sessions).await.is_ok());
}

#[tokio::test]
async fn rows_that_two_names_handed_over_are_named() {
    let broken = Broken::new(9, 4).await;
    let once = broken.lake().verify(true, |_| {}).await;
    assert_eq!(once.findings, Vec::new());
    // A copy of the journal, under a name that the tables do not connect with the first.
    let copy = Lake::new(directory(broken.place.path()), "there").unwrap();
    broken.filled.hand_over(&copy, 4).await.unwrap();
    assert_eq!(broken.lake().verify(false, |_| {}).await.findings, Vec::new());
    let findings = broken.lake().verify(true, |_| {}).await.findings;
    let messages: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].starts_with("table sessions: 9 rows are there twice"), "{messages:?}");
    let events = broken.filled.events.len();
    assert!(messages[1].starts_with(&format!("table events: {events} rows are there twice")), "{messages:?}");
    for rows in &broken.filled.sessions {
        let session = rows.session.session_id.to_string();
        assert!(messages[0].contains(&session), "{messages:?}");
    }
}
