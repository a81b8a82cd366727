//! The text that `serve` prints once it listens: the addresses, and a first request to try.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::json;

use crate::settings::{Effective, Source};
use crate::terminal::printable::printable;

/// The report suite of the first session, if all are collected.
const ANY_REPORT_SUITE: &str = "example";

/// The values that the banner shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Banner<'start> {
    /// The address of the server.
    pub address: SocketAddr,
    /// The address of the PostgreSQL protocol, if it is enabled.
    pub postgres_address: Option<SocketAddr>,
    /// The settings in force.
    pub settings: &'start Effective,
    /// The admin token, if this start created it.
    pub made_token: Option<&'start str>,
}

impl Banner<'_> {
    /// The text.
    pub(crate) fn text(&self) -> String {
        let base = format!("http://{}", reachable(self.address));
        let data = self.settings.data.value.display().to_string();
        let mut text = format!("Playhead {} listens on {}\n\n", env!("CARGO_PKG_VERSION"), self.address);
        let mut lines = vec![
            ("dashboard", format!("{base}/")),
            ("collection", format!("{base}/api/v1/sessions")),
            ("reports", format!("{base}/reports/v1/sessions")),
            ("", "with the header `Authorization: Bearer TOKEN`, or".into()),
            ("", format!("PLAYHEAD_TOKEN=TOKEN playhead sessions --server {base}")),
        ];
        if let Some(address) = self.postgres_address.map(reachable) {
            let (host, port) = (address.ip(), address.port());
            let mut place = format!("host={host} port={port} dbname=playhead user=playhead");
            if self.settings.postgres_tls_certificate.value.path().is_some() {
                place.push_str(" sslmode=require");
            }
            let line = format!("psql \"{place}\", password: TOKEN");
            lines.push(("postgresql", line));
        }
        lines.push(("data", printable(&data).into_owned()));
        lines.push(("admin token", self.token()));
        for (name, value) in lines {
            // Writing to a string cannot fail.
            let _written = writeln!(text, "  {name:<11}  {value}");
        }
        let _written = write!(text, "\nOpen a first session:\n\n  {}\n\n", self.first_request(&base));
        text
    }

    fn token(&self) -> String {
        let set_by = match self.settings.admin_token.source {
            Source::Flag => "the flag --admin-token",
            Source::Environment => "the environment variable PLAYHEAD_ADMIN_TOKEN",
            Source::File => "the configuration file",
            Source::Default => {
                return match self.made_token {
                    Some(token) => {
                        format!("{token}  (created now; only its hash is stored, so it is not shown again)")
                    }
                    None => "created at an earlier start; --new-admin-token creates a new one".into(),
                };
            }
        };
        format!("set by {set_by}")
    }

    /// A command line that opens a session; valid at every level of validation.
    fn first_request(&self, base: &str) -> String {
        let suites = self.settings.report_suites.value.names();
        let suite = suites.first().map_or(ANY_REPORT_SUITE, String::as_str);
        let body = json!({
            "playerTime": {"playhead": 0, "ts": 0},
            "eventType": "sessionStart",
            "params": {
                "analytics.trackingServer": "example.com",
                "analytics.reportSuite": suite,
                "visitor.marketingCloudOrgId": "example@AdobeOrg",
                "media.id": "first",
                "media.name": "First session",
                "media.length": 60,
                "media.contentType": "vod",
                "media.playerName": "curl",
                "media.channel": "example",
            },
        });
        let quoted =
            body.to_string().replace('\'', r"'\''").replacen("\"ts\":0", "\"ts\":'$(date +%s000)'", 1);
        format!("curl -i {base}/api/v1/sessions -d '{quoted}'")
    }
}

/// An address at which a client on this machine reaches a server that listens on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use playhead_protocol::{Endpoint, ParamId, Validation, parse_event};

    use super::*;
    use crate::settings::Layer;
    use crate::settings::config_file;

    fn text(file: &str, made_token: Option<&str>) -> String {
        let file = config_file::parse(file).unwrap();
        let settings = Effective::resolve(Layer::default(), Layer::default(), file);
        let (address, postgres_address) = ("0.0.0.0:81".parse().unwrap(), "0.0.0.0:54".parse().ok());
        Banner { address, postgres_address, settings: &settings, made_token }.text()
    }

    /// The body of the printed command line, as a shell would pass it on.
    fn first_body(banner: &str) -> String {
        let line = banner.lines().find(|line| line.trim_start().starts_with("curl ")).unwrap();
        let (_, quoted) = line.split_once(" -d '").unwrap();
        let quoted = quoted.strip_suffix('\'').unwrap().replace("'$(date +%s000)'", "1793491200000");
        quoted.replace(r"'\''", "'")
    }

    #[test]
    fn the_printed_request_is_valid_at_every_level() {
        for level in Validation::ALL {
            let body = first_body(&text("", None));
            let event = parse_event(body.as_bytes(), Endpoint::SessionStart, level).unwrap();
            assert_eq!(event.ts_ms, 1_793_491_200_000);
        }
    }

    #[test]
    fn the_printed_request_names_a_report_suite_that_is_collected() {
        let body = first_body(&text("report_suites = [\"Anna's \\\"suite\\\"\", \"other\"]", None));
        let event = parse_event(body.as_bytes(), Endpoint::SessionStart, Validation::Strict).unwrap();
        let params = event.detail.unwrap().params;
        assert_eq!(params.text(ParamId::named("analytics.reportSuite")), Some("Anna's \"suite\""));
    }

    #[test]
    fn the_token_is_printed_once_and_its_origin_ever_after() {
        assert!(text("", Some("abcdef")).contains("abcdef  (created now"));
        assert!(text("", None).contains("created at an earlier start; --new-admin-token creates a new one"));
        let set = text("admin_token = \"0123456789abcdef\"", None);
        assert!(set.contains("set by the configuration file"), "{set}");
        assert!(!set.contains("0123456789abcdef"), "{set}");
    }

    #[test]
    fn the_printed_call_of_psql_uses_tls_when_there_is_a_certificate() {
        let banner = text("postgres_tls_certificate = \"server.crt\"", None);
        assert!(banner.contains("user=playhead sslmode=require\", password: TOKEN"), "{banner}");
    }

    #[test]
    fn urls_lead_to_the_server_from_this_machine() {
        let text = text("", None);
        assert!(text.contains("listens on 0.0.0.0:81"), "{text}");
        assert!(text.contains("http://127.0.0.1:81/api/v1/sessions"), "{text}");
        assert!(text.contains("host=127.0.0.1 port=54 dbname=playhead user=playhead\""), "{text}");
        assert!(text.contains("dashboard    http://127.0.0.1:81/\n"), "{text}");
        assert_eq!(reachable("[::]:5".parse().unwrap()).to_string(), "[::1]:5");
    }
}
