//! What the endpoints work with.

use std::sync::Arc;

use playhead_node::Node;
use playhead_node::schedules::Schedules;

use crate::access::Access;
use crate::http::assets::Assets;

/// The node, who may ask it, and the dashboard's files.
pub(crate) struct App {
    pub(crate) node: Node,
    pub(crate) schedules: Schedules,
    pub(crate) access: Arc<Access>,
    pub(crate) assets: Assets,
}
