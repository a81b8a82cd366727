//! How tasks learn that the node stops.

use tokio::sync::watch;

/// Waits until the server is told to stop. What the channel gives out would keep it locked, so it goes at once.
pub async fn is_told(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|&stop| stop).await);
}
