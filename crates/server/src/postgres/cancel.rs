//! Cancel requests: they come on a connection of their own and name the connection whose query is to end.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion_postgres::pgwire::api::{ClientInfo, PidSecretKeyGenerator, RandomPidSecretKeyGenerator};
use datafusion_postgres::pgwire::messages::startup::SecretKey;
use parking_lot::Mutex;
use tokio::sync::watch;

/// Ends the query that a connection runs.
#[derive(Debug, Clone, Default)]
pub(super) struct CancelSwitch(watch::Sender<u64>);

impl CancelSwitch {
    /// Resolves the next time that the switch is thrown.
    pub(super) fn thrown(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut thrown = self.0.subscribe();
        async move {
            if thrown.changed().await.is_err() {
                // The connection is gone, and with it whoever could throw it.
                std::future::pending::<()>().await;
            }
        }
    }

    fn throw(&self) {
        self.0.send_modify(|times| *times += 1);
    }
}

/// The connections that have logged in, by what a cancel request names.
#[derive(Debug, Default)]
pub(super) struct Connections {
    keys: RandomPidSecretKeyGenerator,
    known: Mutex<HashMap<i32, (SecretKey, CancelSwitch)>>,
}

/// Forgets a connection when it ends.
struct Registered {
    connections: Arc<Connections>,
    number: i32,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.connections.known.lock().remove(&self.number);
    }
}

impl Connections {
    /// Gives a connection its number and its key, for as long as it lasts.
    pub(super) fn register(self: &Arc<Self>, client: &mut (impl ClientInfo + Send), switch: &CancelSwitch) {
        let (number, key) = self.keys.generate(client);
        client.set_pid_and_secret_key(number, key.clone());
        self.known.lock().insert(number, (key, switch.clone()));
        client.session_extensions().insert(Registered { connections: self.clone(), number });
    }

    /// Ends the query that a request names: the whole message, with length, code, number and key.
    pub(super) fn cancel(&self, request: &[u8]) {
        let number = request.get(8..12).and_then(|number| number.try_into().ok()).map(i32::from_be_bytes);
        let (Some(number), Some(named)) = (number, request.get(12..)) else { return };
        let known = self.known.lock();
        // Who does not know the key is told nothing, as PostgreSQL does it.
        if let Some((key, switch)) = known.get(&number)
            && key.to_bytes() == named
        {
            switch.throw();
        }
    }
}
