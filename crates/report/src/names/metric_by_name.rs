//! The metric that a name stands for: one of the catalogue, or one of a player state.

use std::borrow::Cow;

use crate::names::metric::{Metric, STATE_PREFIX, StatePart};
use crate::names::metric_table::{OTHER_FULL_SCREEN, metrics, of_state};
use crate::nearest::{did_you_mean, quoted};

impl Metric {
    /// The metric of that name or alias: one of the catalogue, or of a player state.
    ///
    /// A player state's metric is `{state}_count`, `{state}_time` or `{state}_impacted_streams`, with the state's name as
    /// the player writes it. A name that differs from another metric's by at most two letters counts as a typo; for a
    /// state with such a name, the request adds the prefix `state.`.
    ///
    /// # Errors
    ///
    /// A phrase for a fault, with the nearest known name, if the name is unknown.
    pub fn named(name: &str) -> Result<Self, String> {
        for metric in metrics() {
            if metric.name == name {
                return Ok(metric.clone());
            }
            if let Some(alias) = metric.aliases.iter().find(|alias| **alias == name) {
                return Ok(Self { name: Cow::Borrowed(alias), ..metric.clone() });
            }
        }
        state_metric(name).ok_or_else(|| {
            let near = did_you_mean(name, all_names());
            format!("names no metric: {}{near}", quoted(name))
        })
    }
}

/// The names and aliases of all metrics.
fn all_names() -> impl Iterator<Item = &'static str> {
    metrics().iter().flat_map(|metric| {
        // All names of the catalogue are static or live as long as the catalogue.
        std::iter::once(&*metric.name).chain(metric.aliases.iter().copied())
    })
}

/// The metric of a player state.
fn state_metric(name: &str) -> Option<Metric> {
    /// Letters by which a typo differs.
    const SLIP: usize = 2;
    let prefixed = name.strip_prefix(STATE_PREFIX);
    let rest = prefixed.unwrap_or(name);
    let part = StatePart::ALL.into_iter().find(|part| rest.ends_with(part.suffix()))?;
    let state = &rest[..rest.len() - part.suffix().len()];
    let is_slip = || all_names().any(|known| strsim::osa_distance(known, name) <= SLIP);
    if prefixed.is_none() && state != OTHER_FULL_SCREEN && is_slip() {
        return None;
    }
    is_state_name(state).then(|| of_state(name.to_owned().into(), state, part))
}

/// Whether a player state may have this name (metrics contract, section 9).
fn is_state_name(name: &str) -> bool {
    const BYTES: usize = 64;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    !name.is_empty() && name.len() <= BYTES && name.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::names::dimension::{Fact, groupable_names};
    use crate::names::metric::{Counted, Measure, MetricKind};

    #[test]
    fn every_name_means_one_thing() {
        let mut seen = HashSet::new();
        for name in all_names().chain(groupable_names()).chain(["time"]) {
            assert!(seen.insert(name), "{name} has two meanings");
        }
    }

    #[test]
    fn every_metric_has_a_definition_and_can_be_counted() {
        for metric in metrics() {
            let name = &metric.name;
            assert!(metric.definition.ends_with('.') && metric.definition.len() > 10, "{name}");
            assert!(!metric.formula.is_empty(), "{name}");
            assert!(!metric.facts().is_empty(), "{name}");
        }
    }

    #[test]
    fn aliases_keep_the_requested_name() {
        let metric = Metric::named("content_start").unwrap();
        assert_eq!(metric.name, "content_start");
        assert_eq!(metric.kind, Metric::named("content_starts").unwrap().kind);
        assert!(Metric::named("ad_count").is_ok());
        assert!(Metric::named("completes").is_ok());
    }

    #[test]
    fn player_states_have_metrics_and_typos_do_not() {
        let of = |name: &str| Metric::named(name).map(|metric| metric.kind);
        let state = |name: &str, part| {
            Ok(MetricKind::Counted(Counted(vec![(Fact::Sessions, Measure::State(name.into(), part))])))
        };
        assert_eq!(of("fullScreen_count"), state("fullScreen", StatePart::Count));
        assert_eq!(of("fullscreen_time"), state("fullScreen", StatePart::Time));
        assert_eq!(of("mute_impacted_streams"), state("mute", StatePart::ImpactedStreams));
        assert_eq!(of("theatre.mode_time"), state("theatre.mode", StatePart::Time));
        assert_eq!(of("state.add_count"), state("add", StatePart::Count));
        assert!(Metric::named("add_count").unwrap_err().contains("did you mean ad_count?"));
        assert!(Metric::named("eror_impacted_streams").unwrap_err().contains("error_impacted_streams"));
        assert!(Metric::named("a b_count").is_err());
        assert!(Metric::named(&format!("{}_count", "s".repeat(65))).is_err());
        assert!(Metric::named("_count").is_err());
    }
}
