//! Queries in a process of their own. The node that collects starts it from its own program, watches over it and starts
//! it again when it ends; whatever a query does to it, collection does not notice.
//!
//! ```text
//! node that collects                            reporter
//! ------------------                            --------
//! supervisor  -- starts, ends, hears why it ended -->  watchdog (memory, deadlines)
//! client      -- a query, a stored session, a PostgreSQL connection -->  service
//! open_rows   <-- the rows of open sessions: these columns of that table --  node_rows
//! ```
//!
//! Between the two is one [`link::Link`], a pair of sockets. Each message on it is one byte and a socket of its own for
//! what follows, so no call waits for another, each flows as fast as its reader reads, and a side that goes away is
//! noticed at once. The reporter reads the journal and the tables itself. It never writes.

pub mod client;
pub(crate) mod frames;
pub mod launch;
pub mod link;
pub(crate) mod messages;
pub(crate) mod node_rows;
pub(crate) mod open_rows;
pub mod service;
pub(crate) mod supervisor;
pub mod watchdog;
