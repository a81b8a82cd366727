//! Keeps one reporter running: starts it, answers what it asks, and starts it again when it ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::error::StartError;
use crate::reporter::launch::{Launch, Launched};
use crate::reporter::link::{Call, Link};
use crate::reporter::messages::Ending;
use crate::reporter::open_rows;
use crate::sessions::query_threads::QueryThreads;
use crate::tables::unstored::SessionsInMemory;
use crate::telemetry::Telemetry;

/// The pause before another start, if the reporter before did not last that long.
const PAUSE: Duration = Duration::from_millis(200);

/// The longest pause: it doubles with each start that fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A reporter that lasted for so long has started well.
const WELL_STARTED: Duration = Duration::from_secs(2);

/// How long a reporter that has closed its link may take to be gone.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// Bytes of what a reporter says when it ends.
const LAST_WORDS_BYTES: u64 = 4 * 1024;

/// The reporter at this moment.
#[derive(Debug, Clone)]
pub(crate) enum State {
    /// It is being started; it ended because of this, if there was one before.
    Starting(Option<Arc<str>>),
    /// It answers.
    Up(Arc<Reporter>),
}

/// A reporter that runs.
#[derive(Debug)]
pub(crate) struct Reporter {
    pub(crate) link: Link,
    /// How it ended, once it has.
    pub(crate) ended: watch::Receiver<Option<Ended>>,
}

/// How a reporter ended.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    /// In words.
    pub(crate) how: Arc<str>,
    /// Its own words, if it had time for some.
    pub(crate) why: Option<Ending>,
}

/// What the supervisor works with.
pub(crate) struct Supervisor {
    pub(crate) launch: Arc<dyn Launch>,
    pub(crate) sessions: Arc<SessionsInMemory>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) state: watch::Sender<State>,
}

impl Supervisor {
    /// Keeps a reporter running until nobody is left who could ask it. To be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// If the system gives no threads.
    pub(crate) fn start(self) -> Result<(), StartError> {
        let system =
            |source| StartError::System { context: "starting the threads for rows of open sessions", source };
        let threads = QueryThreads::start().map_err(system)?;
        tokio::spawn(async move { self.run(&threads).await });
        Ok(())
    }

    async fn run(self, threads: &QueryThreads) {
        let mut pause = PAUSE;
        loop {
            let started = Instant::now();
            let how = tokio::select! {
                how = self.run_one(threads) => how,
                () = self.state.closed() => return,
            };
            tracing::warn!(%how, "the process that answers queries has ended and is started again");
            self.telemetry.reporter_restarts.inc();
            let is_well_started = started.elapsed() >= WELL_STARTED;
            self.state.send_replace(State::Starting(Some(how)));
            if is_well_started {
                pause = PAUSE;
                continue;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Runs one reporter to its end, and says how it ended.
    async fn run_one(&self, threads: &QueryThreads) -> Arc<str> {
        let launched = Link::new().and_then(|(ours, theirs)| Ok((ours, self.launch.launch(theirs)?)));
        let (link, mut launched) = match launched {
            Ok(launched) => launched,
            Err(error) => return format!("it cannot be started: {error}").into(),
        };
        let (ended, is_ended) = watch::channel(None);
        let reporter = Arc::new(Reporter { link, ended: is_ended });
        self.state.send_replace(State::Up(reporter.clone()));
        let why = self.serve(&reporter.link, &mut *launched, threads).await;
        let how = match &why {
            Some((Some(why), _)) => why.to_string().into(),
            Some((None, how)) => how.clone().into(),
            None => match timeout(LAST_MOMENT, launched.ended()).await {
                Ok(how) => how.into(),
                Err(_) => Arc::from("it closed its link"),
            },
        };
        let why = why.and_then(|(why, _)| why);
        ended.send_replace(Some(Ended { how: Arc::clone(&how), why }));
        how
    }

    /// Answers what a reporter asks until it ends: what it said last and how it ended; `None` if only its link has closed.
    async fn serve(
        &self,
        link: &Link,
        launched: &mut dyn Launched,
        threads: &QueryThreads,
    ) -> Option<(Option<Ending>, String)> {
        // Its requests end with it.
        let mut answers = JoinSet::new();
        let mut why = None;
        loop {
            tokio::select! {
                // Its last words come before its end.
                biased;
                Some(_) = answers.join_next() => {}
                call = link.next_call() => match call {
                    Ok(Some((Call::OpenRows, socket))) => {
                        let rows = open_rows::serve(socket, self.sessions.clone());
                        match threads.handle() {
                            Some(threads) => answers.spawn_on(rows, threads),
                            None => answers.spawn(rows),
                        };
                    }
                    Ok(Some((Call::Ending, socket))) => {
                        let mut said = Vec::new();
                        let mut words = socket.take(LAST_WORDS_BYTES);
                        if timeout(LAST_MOMENT, words.read_to_end(&mut said)).await.is_ok_and(|read| read.is_ok()) {
                            why = serde_json::from_slice(&said).ok();
                        }
                        return Some((why, "it ended".into()));
                    }
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => return why.map(|why| (Some(why), String::new())),
                },
                how = launched.ended() => return Some((why, how)),
            }
        }
    }
}
