//! The settings of an operator as those of a server.

use playhead_node::kept::schedule::places::Places;
use playhead_node::settings::{Capacity, LakeSettings, QuerySettings, TlsFiles};

use crate::settings::Effective;
use crate::settings::size::Size;

impl Effective {
    /// The settings as the server takes them.
    pub(crate) fn server_settings(&self, new_admin_token: bool) -> playhead_node::settings::Settings {
        let bytes = |size: Size| usize::try_from(size.as_bytes()).unwrap_or(usize::MAX);
        playhead_node::settings::Settings {
            listen: self.listen.value,
            validation: self.validation.value,
            accounting: playhead_session::Settings {
                reorder_window_ms: self.reorder_window.value.as_ms(),
                idle_timeout_ms: self.idle_timeout.value.as_ms(),
                playhead_timeout_ms: self.playhead_timeout.value.as_ms(),
                silent_after_ms: self.silent_after.value.as_ms(),
            },
            report_suites: self.report_suites.value.names().to_vec(),
            admin_token: self.admin_token.value.reveal().map(str::to_owned),
            read_token: self.read_token.value.reveal().map(str::to_owned),
            new_admin_token,
            metrics_open: self.metrics_open.value,
            trusted_proxies: self.trusted_proxy.value.proxies().clone(),
            capacity: Capacity {
                connections: self.connections.value.get(),
                waiting_requests: self.waiting_requests.value.get(),
                open_sessions: self.open_sessions.value.get(),
                open_sessions_bytes: bytes(self.open_sessions_memory.value),
                address_requests_per_second: self.address_requests_per_second.value,
                idle_timeout: self.connection_idle_timeout.value.into(),
                body_timeout: self.body_timeout.value.into(),
            },
            checkpoint_interval: self.checkpoint_interval.value.into(),
            lake: LakeSettings {
                interval: self.lake_interval.value.into(),
                event_retention: self.event_retention.value.get().map(Into::into),
                session_retention: self.session_retention.value.get().map(Into::into),
                maintenance_memory_bytes: bytes(self.maintenance_memory.value),
                scratch: self.data.value.join("scratch"),
            },
            queries: QuerySettings {
                memory_bytes: bytes(self.query_memory.value),
                timeout: self.query_timeout.value.into(),
                at_a_time: self.queries.value.get(),
                threads: usize::try_from(self.query_threads.value).unwrap_or(usize::MAX),
                time_zone: self.time_zone.value.clone(),
            },
            places: Places {
                folder: self.report_folder.value.path(),
                webhook_origins: self.webhook_origins.value.origins().to_vec(),
                has_webhook_secret: self.webhook_secret.value.is_set(),
            },
            report_font: self.report_font.value.path(),
            webhook_secret: self.webhook_secret.value.reveal().map(str::to_owned),
            postgres_listen: self.postgres_listen.value.get(),
            postgres_tls: TlsFiles {
                certificate: self.postgres_tls_certificate.value.path(),
                key: self.postgres_tls_key.value.path(),
            },
            postgres_tls_optional: self.postgres_tls_optional.value,
        }
    }
}
