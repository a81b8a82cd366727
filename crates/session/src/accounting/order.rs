//! The order in which events of one timestamp take effect (metrics contract, section 1).

use playhead_protocol::{Event, EventType};

use crate::accounting::accounts::Accounts;

/// The event that takes effect next among events of one timestamp: the first in arrival order that is legal now, else the
/// first, except that the end of the session never goes before anything else: what comes after it would be lost. `events`
/// must not be empty.
pub(crate) fn next_of_equals<'a>(
    accounts: &Accounts,
    events: &(impl Iterator<Item = &'a Event> + Clone),
) -> usize {
    let legal = events.clone().enumerate().position(|(place, event)| {
        let others = events.clone().enumerate().filter(|&(other, _)| other != place).map(|(_, event)| event);
        is_legal(accounts, event, others)
    });
    legal.or_else(|| events.clone().position(|event| event.event_type != EventType::SessionEnd)).unwrap_or(0)
}

/// Whether an event can take effect now; `others` are the waiting events with the same timestamp.
fn is_legal<'a>(accounts: &Accounts, event: &Event, mut others: impl Iterator<Item = &'a Event>) -> bool {
    match event.event_type {
        EventType::AdBreakStart => !accounts.has_ad_break(),
        EventType::AdStart => accounts.has_ad_break() && !accounts.has_ad(),
        EventType::AdComplete | EventType::AdSkip => accounts.has_ad(),
        EventType::AdBreakComplete => accounts.has_ad_break() && !accounts.has_ad(),
        EventType::ChapterStart => !accounts.has_chapter(),
        EventType::ChapterComplete | EventType::ChapterSkip => accounts.has_chapter(),
        EventType::StateStart => !states(event).any(|name| accounts.has_open_state(name)),
        EventType::StateEnd => states(event).all(|name| accounts.has_open_state(name)),
        EventType::Play => {
            !others.any(|other| matches!(other.event_type, EventType::AdBreakStart | EventType::AdStart))
        }
        EventType::SessionComplete => others.all(|other| other.event_type == EventType::SessionEnd),
        EventType::SessionEnd => others.next().is_none(),
        EventType::SessionStart
        | EventType::Ping
        | EventType::BufferStart
        | EventType::PauseStart
        | EventType::BitrateChange
        | EventType::Error
        | EventType::StatesUpdate => true,
    }
}

fn states(event: &Event) -> impl Iterator<Item = &str> {
    event
        .detail
        .iter()
        .flat_map(|detail| detail.states_start.iter().chain(&detail.states_end))
        .map(|name| &**name)
}
