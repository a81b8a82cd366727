//! Ad breaks: pre-rolls, mid-rolls, post-rolls, and those of live channels.

use playhead_protocol::time::SECOND_MS;

use crate::viewer::event::{Happening, Moment, Roll};
use crate::viewer::phase::{Break, Phase};
use crate::viewer::script::Script;
use crate::world::World;

impl Script {
    /// A break begins now, with its first ad. `live_number` is that of a live break.
    pub(crate) fn begin_break(&mut self, world: &World, roll: Roll, live_number: u16) -> Option<Moment> {
        let [start, ad, play] = self.first_ad(world, roll, live_number);
        match self.player().plays_with_ads {
            true => self.say(&[start, ad, play]),
            false => self.say(&[start, ad]),
        }
    }

    fn first_ad(&mut self, world: &World, roll: Roll, live_number: u16) -> [Happening; 3] {
        let ads = match roll {
            Roll::Live => world.schedule.live_break_ads(live_number),
            Roll::Post => 1,
            Roll::Pre | Roll::Mid => self.random.between(1, 3) as u8,
        };
        let number = if roll == Roll::Live { live_number } else { self.breaks_seen };
        self.breaks_seen = self.breaks_seen.saturating_add(1);
        let ad_break =
            Break { roll, number, ads_left: ads, place: 0, until_ms: 0, is_skipped: false, is_gap: false };
        let start = Happening::AdBreakStart { roll, number };
        [start, self.begin_ad(world, ad_break), Happening::Play]
    }

    /// After the content: its end, and an ad behind it.
    pub(crate) fn begin_post_roll(&mut self, world: &World, chapter: Option<Happening>) -> Option<Moment> {
        let [start, ad, _] = self.first_ad(world, Roll::Post, 0);
        let ends: Vec<_> = chapter.into_iter().chain([Happening::SessionComplete]).collect();
        let moment = self.say(&ends);
        self.follow(&[start, ad]);
        moment
    }

    fn begin_ad(&mut self, world: &World, ad_break: Break) -> Happening {
        let place = ad_break.place + 1;
        let number = match ad_break.roll {
            Roll::Live => world.schedule.live_break_ad(ad_break.number, place, &world.catalogue),
            _ => self.random.ranked(world.catalogue.ads.len()) as u8,
        };
        let length_ms = world.catalogue.ads[usize::from(number)].length_ms;
        let is_skipped = ad_break.roll != Roll::Live && self.random.happens(0.1);
        let plays_ms = if is_skipped { self.random.between(length_ms / 3, length_ms) } else { length_ms };
        self.phase = Phase::Break(Break {
            ads_left: ad_break.ads_left.saturating_sub(1),
            place,
            until_ms: self.now_ms + plays_ms,
            is_skipped,
            is_gap: false,
            ..ad_break
        });
        self.set_ad_ping(world, ad_break.roll);
        Happening::AdStart { ad: number, place }
    }

    /// Live breaks, and half of the players, ping each second.
    fn set_ad_ping(&mut self, world: &World, roll: Roll) {
        if roll == Roll::Live || self.identity.seat.is_multiple_of(2) {
            self.ping_ms = self.now_ms + world.settings.scaled_ms(SECOND_MS);
        } else {
            self.set_ping(world);
        }
    }

    pub(crate) fn go_on_in_break(&mut self, world: &World, ad_break: Break) -> Option<Moment> {
        let at_ms = ad_break.until_ms.min(self.ping_ms);
        if self.leave_ms <= at_ms {
            return self.leave();
        }
        self.pass_until(at_ms);
        if at_ms < ad_break.until_ms {
            self.set_ad_ping(world, ad_break.roll);
            return self.say(&[Happening::Ping]);
        }
        if ad_break.is_gap {
            let ad = self.begin_ad(world, ad_break);
            return self.say(&[ad]);
        }
        let end = if ad_break.is_skipped { Happening::AdSkip } else { Happening::AdComplete };
        if ad_break.ads_left == 0 {
            self.phase = match ad_break.roll {
                Roll::Post => Phase::Ended { until_ms: self.now_ms + world.settings.scaled_ms(SECOND_MS) },
                _ => Phase::AfterBreak,
            };
            return self.say(&[end, Happening::AdBreakComplete]);
        }
        if self.random.happens(0.3) {
            let until_ms = self.now_ms + world.settings.scaled_ms(self.random.between(50, 900));
            self.phase = Phase::Break(Break { until_ms, is_gap: true, ..ad_break });
            self.set_ad_ping(world, ad_break.roll);
            return self.say(&[end]);
        }
        let ad = self.begin_ad(world, ad_break);
        match self.player().plays_with_ads {
            true => self.say(&[end, ad, Happening::Play]),
            false => self.say(&[end, ad]),
        }
    }
}
