//! Keeps one reporter running: starts it, answers what it asks, and starts it again when it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::error::StartError;
use crate::reporter::launch::{Launch, Launched};
use crate::reporter::link::{Call, Link};
use crate::reporter::messages::Ending;
use crate::reporter::open_rows;
use crate::sessions::query_threads::{Of, QueryThreads};
use crate::tables::in_memory::SessionsInMemory;
use crate::telemetry::Telemetry;

/// The pause before another start, if the reporter before did not get as far as to answer.
const PAUSE: Duration = Duration::from_millis(200);

/// The longest pause: it doubles with each start that fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

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
        let threads = QueryThreads::start(Of::Node).map_err(system)?;
        tokio::spawn(async move { self.run(&threads).await });
        Ok(())
    }

    async fn run(self, threads: &QueryThreads) {
        let mut pause = PAUSE;
        loop {
            let mut was_ready = false;
            let Ended { how, .. } = tokio::select! {
                ended = self.run_one(threads, &mut was_ready) => ended,
                () = self.state.closed() => return,
            };
            tracing::warn!(%how, "the process that answers queries has ended and is started again");
            self.telemetry.reporter_restarts.inc();
            self.state.send_replace(State::Starting(Some(how)));
            // One that was ready worked, however short that was: what ended it was a query.
            if was_ready {
                pause = PAUSE;
                continue;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Runs one reporter to its end, and says how it ended; notes when it is ready.
    async fn run_one(&self, threads: &QueryThreads, was_ready: &mut bool) -> Ended {
        let launched = Link::new().and_then(|(ours, theirs)| Ok((ours, self.launch.launch(theirs)?)));
        let (link, mut launched) = match launched {
            Ok(launched) => launched,
            Err(error) => return Ended { how: format!("it cannot be started: {error}").into(), why: None },
        };
        let (ended, is_ended) = watch::channel(None);
        let reporter = Arc::new(Reporter { link, ended: is_ended });
        self.state.send_replace(State::Up(reporter.clone()));
        let how_it_ended = self.serve(&reporter.link, &mut *launched, threads, was_ready).await;
        ended.send_replace(Some(how_it_ended.clone()));
        how_it_ended
    }

    /// Answers what a reporter asks until it ends; notes when it is ready.
    async fn serve(
        &self,
        link: &Link,
        launched: &mut dyn Launched,
        threads: &QueryThreads,
        was_ready: &mut bool,
    ) -> Ended {
        // Its requests end with it.
        let mut answers = JoinSet::new();
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
                    Ok(Some((Call::Ready, _))) => *was_ready = true,
                    Ok(Some((Call::Ending, socket))) => {
                        let why = last_words(socket).await;
                        let how = why.as_ref().map_or_else(|| "it ended".to_owned(), Ending::to_string);
                        return Ended { how: how.into(), why };
                    }
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => {
                        let how = timeout(LAST_MOMENT, launched.ended()).await;
                        return Ended { how: how.map_or("it closed its link".into(), Arc::from), why: None };
                    }
                },
                how = launched.ended() => return Ended { how: how.into(), why: None },
            }
        }
    }
}

/// Why a reporter ends, as it says itself.
async fn last_words(socket: UnixStream) -> Option<Ending> {
    let mut said = Vec::new();
    let mut words = socket.take(LAST_WORDS_BYTES);
    timeout(LAST_MOMENT, words.read_to_end(&mut said)).await.ok()?.ok()?;
    serde_json::from_slice(&said).ok()
}
