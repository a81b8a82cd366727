//! Sums over sessions: in all, and by channel, player and so on. Each has a lowest and a highest value, which are the same
//! where everything is known.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::books::account::{Account, View};
use crate::books::metric::METRICS;
use crate::viewer::script::Identity;
use crate::world::catalogue::{CHANNELS, Catalogue, ERRORS, PLAYERS, REPORT_SUITES};

/// Values with their bounds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bounds {
    /// The lowest values.
    pub(crate) low: Vec<i64>,
    /// The highest values; none where they are the lowest ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) high: Vec<i64>,
}

impl Bounds {
    /// The bounds of alternatives.
    pub(crate) fn of<const N: usize>(alternatives: impl Iterator<Item = [i64; N]>) -> Self {
        let (mut low, mut high) = ([i64::MAX; N], [i64::MIN; N]);
        for values in alternatives {
            for (place, value) in values.into_iter().enumerate() {
                low[place] = low[place].min(value);
                high[place] = high[place].max(value);
            }
        }
        Self { low: low.to_vec(), high: if high == low { Vec::new() } else { high.to_vec() } }
    }

    /// The lowest and the highest value at a place.
    pub(crate) fn at(&self, place: usize) -> (i64, i64) {
        let low = self.low.get(place).copied().unwrap_or_default();
        (low, self.high.get(place).copied().unwrap_or(low))
    }

    /// Adds what another one has.
    pub(crate) fn add(&mut self, other: &Self) {
        let length = self.low.len().max(other.low.len());
        let is_range = !(self.high.is_empty() && other.high.is_empty());
        let sums: Vec<(i64, i64)> = (0..length)
            .map(|place| {
                let (own, others) = (self.at(place), other.at(place));
                (own.0 + others.0, own.1 + others.1)
            })
            .collect();
        self.low = sums.iter().map(|sum| sum.0).collect();
        self.high = if is_range { sums.iter().map(|sum| sum.1).collect() } else { Vec::new() };
    }
}

/// Totals by the values of one dimension.
pub(crate) type Groups = BTreeMap<String, Bounds>;

/// The expected totals of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Totals {
    /// Over all sessions, in the order of [`METRICS`].
    pub(crate) all: Bounds,
    /// The same by a dimension of sessions.
    pub(crate) sessions: BTreeMap<String, Groups>,
    /// Player states, over all sessions.
    pub(crate) states: Bounds,
    /// Ads by their ids.
    pub(crate) ads: Groups,
    /// Chapters by their names.
    pub(crate) chapters: Groups,
    /// Errors by their ids.
    pub(crate) errors: Groups,
}

/// The dimensions of sessions by which totals are kept.
pub(crate) const DIMENSIONS: [&str; 4] = ["channel", "player_name", "report_suite", "content_id"];

/// The values of a session in [`DIMENSIONS`].
pub(crate) fn dimensions_of<'names>(
    identity: &Identity,
    catalogue: &'names Catalogue,
) -> [&'names str; DIMENSIONS.len()] {
    [
        CHANNELS[usize::from(identity.channel)],
        PLAYERS[usize::from(identity.player)].name,
        REPORT_SUITES[usize::from(identity.report_suite)],
        &catalogue.content(identity.content).id,
    ]
}

impl Totals {
    /// Adds a session, of which one of these accounts is true. Returns its own bounds.
    pub(crate) fn add(&mut self, identity: &Identity, catalogue: &Catalogue, accounts: &[Account]) -> Bounds {
        let bounds = Bounds::of(accounts.iter().map(Account::values));
        self.add_session(identity, catalogue, &bounds);
        self.states.add(&Bounds::of(accounts.iter().map(Account::state_values)));
        let ad_id = |number: u8| catalogue.ads[usize::from(number)].id.clone();
        add_views(&mut self.ads, accounts, |account| &account.ads, ad_id);
        let chapter_name = |number: u8| format!("Chapter {}", u32::from(number) + 1);
        add_views(&mut self.chapters, accounts, |account| &account.chapters, chapter_name);
        for (number, id) in ERRORS.into_iter().enumerate() {
            let counts = accounts.iter().map(|account| {
                let errors = account.errors.iter();
                [errors.filter(|error| usize::from(**error) == number).count() as i64]
            });
            let counts = Bounds::of(counts);
            if counts != (Bounds { low: vec![0], high: Vec::new() }) {
                self.errors.entry(id.to_owned()).or_default().add(&counts);
            }
        }
        bounds
    }

    /// Adds sessions that may exist beside those that are known: starts whose answers were lost before they were sent again. Such a
    /// session has its start and nothing else.
    pub(crate) fn add_orphans(
        &mut self,
        identity: &Identity,
        catalogue: &Catalogue,
        account: &Account,
        count: u32,
    ) {
        let high = account.values().map(|value| value * i64::from(count));
        let bounds = Bounds { low: vec![0; METRICS.len()], high: high.to_vec() };
        self.add_session(identity, catalogue, &bounds);
    }

    fn add_session(&mut self, identity: &Identity, catalogue: &Catalogue, bounds: &Bounds) {
        self.all.add(bounds);
        for (dimension, value) in DIMENSIONS.into_iter().zip(dimensions_of(identity, catalogue)) {
            let groups = self.sessions.entry(dimension.to_owned()).or_default();
            match groups.get_mut(value) {
                Some(group) => group.add(bounds),
                None => drop(groups.insert(value.to_owned(), bounds.clone())),
            }
        }
    }
}

/// Adds the views of a session, number by number.
fn add_views(
    groups: &mut Groups,
    accounts: &[Account],
    views: impl Fn(&Account) -> &Vec<View>,
    name: impl Fn(u8) -> String,
) {
    let mut numbers: Vec<u8> = accounts.iter().flat_map(&views).map(|view| view.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        let sums = accounts.iter().map(|account| {
            let of_number = views(account).iter().filter(|view| view.number == number);
            of_number.fold([0; 4], |mut sum, view| {
                sum.iter_mut().zip(view.values).for_each(|(sum, value)| *sum += value);
                sum
            })
        });
        groups.entry(name(number)).or_default().add(&Bounds::of(sums));
    }
}
