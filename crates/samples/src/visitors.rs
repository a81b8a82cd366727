//! Who watches: a third as many visitors as sessions; many come once, a few come very often.

use std::fmt::Write;

use playhead_random::{Random, spread};

/// The ids that a visitor's sessions carry.
#[derive(Debug, Default)]
pub(crate) struct VisitorIds {
    pub(crate) marketing_cloud_user_id: Option<String>,
    pub(crate) visitor_id: Option<String>,
    pub(crate) app_installation_id: Option<String>,
    /// Whether the visitor pays for watching without ads.
    pub(crate) is_premium: bool,
}

/// Who watches a session.
pub(crate) fn visitor_of(session: u64, sessions: u64, random: &mut Random) -> VisitorIds {
    let regulars = (sessions / 8).max(1);
    let visitor = if random.happens(0.2) {
        // A visitor with one session.
        regulars + session
    } else {
        let share = random.unit();
        ((share * share * regulars as f64) as u64).min(regulars - 1)
    };
    ids(visitor, random)
}

fn ids(visitor: u64, random: &mut Random) -> VisitorIds {
    let bits = spread(visitor ^ 0x7669_7369_746f_7273);
    let mut ids = VisitorIds { is_premium: bits & 0x300 == 0, ..VisitorIds::default() };
    match bits % 100 {
        0..70 => ids.marketing_cloud_user_id = Some(digits_38(bits)),
        70..84 => ids.visitor_id = Some(format!("visitor-{visitor}")),
        // An empty id says as little as none.
        84..86 => {
            ids.marketing_cloud_user_id = Some(String::new());
            ids.visitor_id = Some(format!("besucher-{visitor}-é"));
        }
        86..95 => {
            let low = spread(bits);
            ids.app_installation_id = Some(format!(
                "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
                bits >> 32,
                bits >> 16 & 0xffff,
                low >> 52,
                low >> 40 & 0xfff,
                low & 0xffff_ffff_ffff
            ));
        }
        _ => {}
    }
    // Some players know a visitor by more than one id.
    if ids.marketing_cloud_user_id.is_some() && ids.visitor_id.is_none() && random.happens(0.1) {
        ids.visitor_id = Some(format!("crm-{}", bits % 1_000_003));
    }
    ids
}

fn digits_38(bits: u64) -> String {
    let mut text = String::with_capacity(38);
    let halves = (spread(bits) % 10_000_000_000_000_000_000, bits % 10_000_000_000_000_000_000);
    let _written = write!(text, "{:019}{:019}", halves.0, halves.1);
    text
}
