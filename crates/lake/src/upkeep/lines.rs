//! Reads and writes the marks in the tables about the journal that feeds them.

use crate::delta::Delta;
use crate::error::Error;
use crate::lake::Lake;
use crate::line::{
    Follower, Lines, NewName, Run, TableLine, after_application, application_of, of_followers,
    parted_application, token_application,
};
use crate::tables::Table;

impl Lake {
    /// Hands over as this run from now on, under this name. If a table no longer says what the run knows of it by the time
    /// of a hand-over, that fails with [`Error::TakenOver`].
    pub fn feed_as(&self, server: &str, run: Run) {
        self.feeder().become_fed_by(server, Some(run));
    }

    /// Reads for the journal of this name from now on, and writes for none.
    pub fn read_as(&self, server: &str) {
        if *self.server() != *server {
            self.feeder().become_fed_by(server, None);
        }
    }

    /// The marks of each table about the journal of this name, as of now and on disk. `tokens` are those of its runs, the
    /// latest first.
    ///
    /// # Errors
    ///
    /// If a table cannot be read.
    pub async fn lines(&self, server: &str, tokens: &[u64]) -> Result<Lines, Error> {
        let mut lines = Lines::default();
        for (line, table) in lines.iter_mut().zip(Table::ALL) {
            *line = self.line(table, &application_of(server), tokens).await?;
        }
        Ok(lines)
    }

    async fn line(&self, table: Table, application: &str, tokens: &[u64]) -> Result<TableLine, Error> {
        let delta = self.delta(table);
        let Some(current) = delta.latest_on_disk().await? else { return Ok(TableLine::default()) };
        let read = async |name: &str| delta.transaction_if_any(&current, name).await;
        let mut line = TableLine {
            taken: read(application).await?.unwrap_or(0),
            token: read(&token_application(application)).await?,
            follower: None,
        };
        for token in tokens {
            if let Some(began_at) = read(&after_application(application, *token)).await? {
                line.follower = Some(Follower { token: *token, began_at });
                break;
            }
        }
        Ok(line)
    }

    /// The token of the run that parted from this name after the latest of these runs.
    ///
    /// # Errors
    ///
    /// If the table of sessions cannot be read.
    pub async fn parted_from(&self, server: &str, tokens: &[u64]) -> Result<Option<u64>, Error> {
        let delta = self.delta(Table::Sessions);
        let Some(current) = delta.latest_on_disk().await? else { return Ok(None) };
        for token in tokens {
            let application = parted_application(&application_of(server), *token);
            if let Some(parted) = delta.transaction_if_any(&current, &application).await? {
                return Ok(Some(parted));
            }
        }
        Ok(None)
    }

    /// Begins a name in every table, and says in the name that it parts from where it is. If this is cut short, nothing has
    /// happened: the table of sessions, which says so, comes last.
    ///
    /// # Errors
    ///
    /// If a table cannot be read or written.
    pub async fn begin_name(&self, new: &NewName<'_>) -> Result<(), Error> {
        let application = application_of(new.name);
        for table in Table::ALL.into_iter().rev() {
            let delta = self.delta(table);
            let current = delta.latest_or_new().await?;
            let place = table as usize;
            let mut transactions =
                vec![(application.clone(), new.starts[place]), (token_application(&application), new.token)];
            transactions.extend(of_followers(&application, &new.followers[place]));
            if table == Table::Sessions {
                let before = application_of(new.parted_from);
                let parted = |token: &u64| (parted_application(&before, *token), new.token);
                transactions.extend(new.after.iter().map(parted));
            }
            delta.commit(&current, Vec::new(), Delta::append_operation(), transactions).await?;
        }
        Ok(())
    }
}
