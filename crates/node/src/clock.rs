//! Time and randomness, passed in from outside.

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use playhead_protocol::SessionId;

/// What the clocks show at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the Unix epoch. May jump, because people and programs set the clock.
    pub now_ms: i64,
    /// Milliseconds since some moment. Nobody sets this clock, so it never jumps; it means nothing after a restart.
    pub elapsed_ms: i64,
}

/// The server's clock.
pub trait Clock: Send + Sync {
    /// What the clocks show.
    fn moment(&self) -> Moment;

    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64 {
        self.moment().now_ms
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn moment(&self) -> Moment {
        static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        let elapsed_ms = i64::try_from(ORIGIN.elapsed().as_millis()).unwrap_or(i64::MAX);
        Moment { now_ms: self.now_ms(), elapsed_ms }
    }

    fn now_ms(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Fills bytes with unpredictable randomness.
pub(crate) type FillRandom = Box<dyn FnMut(&mut [u8]) + Send>;

/// Makes session ids and secrets.
pub struct RandomSource(Mutex<FillRandom>);

impl RandomSource {
    /// A source over some randomness: the operating system's, or a seeded one in tests.
    pub fn new(fill: FillRandom) -> Self {
        Self(Mutex::new(fill))
    }

    /// A new session id.
    pub fn session_id(&self) -> SessionId {
        SessionId::from_bytes(self.bytes())
    }

    /// 32 random bytes.
    pub fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        (self.0.lock())(&mut bytes);
        bytes
    }
}

impl std::fmt::Debug for RandomSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RandomSource")
    }
}
