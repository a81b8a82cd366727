//! The viewers of a run, and the rules by which players send, repeat and give up.

use std::sync::{Arc, Mutex, PoisonError};

use crate::books::account::Account;
use crate::books::alternatives::{Alternatives, Fate};
use crate::expectation::Writer;
use crate::load::calendar::{Calendar, Entry};
use crate::load::connection::Outcome;
use crate::load::http::{Response, write_request};
use crate::load::pool::Job;
use crate::load::report::Counters;
use crate::load::viewer::{Sending, Viewer};
use crate::settings::VIEWERS_MAX;
use crate::viewer::body::Bodies;
use crate::viewer::event::Happening;
use crate::viewer::script::Script;
use crate::world::World;
use playhead_random::Random;

/// How often a start is sent at most.
const START_ATTEMPTS: u32 = 4;
/// How often a busy server may refuse an event that is then sent again; a ping never, because the next one follows.
const REFUSALS_MAX: u32 = 3;
/// A ping that is so late says nothing any more, and is not sent.
const PING_LATE_US: i64 = 5_000_000;
/// The wait before an event is sent again whose connection was lost; it doubles with each attempt.
const FIRST_WAIT_US: i64 = 200_000;
/// The longest of these waits.
const LOST_WAIT_MAX_US: i64 = 5_000_000;
/// The longest wait that a server may ask for.
const RETRY_AFTER_MAX_US: i64 = 30_000_000;
/// For how long an event is sent again that is never answered.
const PATIENCE_US: i64 = 60_000_000;

/// What a run needs of its surroundings.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The beginning of the run, ms since the epoch.
    pub(crate) begin_ms: i64,
    /// For the header.
    pub(crate) host: String,
    /// What stands before `/api/v1`.
    pub(crate) base: String,
}

/// Which viewers of a run a fleet has: every so manieth, from its number on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    pub(crate) number: u32,
    pub(crate) of: u32,
}

/// The viewers of one sending thread.
#[derive(Debug)]
pub(crate) struct Fleet {
    world: Arc<World>,
    place: Place,
    share: Share,
    slots: Vec<Option<Box<Viewer>>>,
    free: Vec<u32>,
    calendar: Calendar,
    counters: Counters,
    /// Those of all threads.
    books: Option<Arc<Mutex<Writer>>>,
    /// For waits that no seed has to repeat.
    jitter: Random,
    is_stopping: bool,
    scratch: Vec<u8>,
}

impl Fleet {
    pub(crate) fn new(
        world: &Arc<World>,
        place: Place,
        share: Share,
        books: Option<Arc<Mutex<Writer>>>,
    ) -> Self {
        let mut fleet = Self {
            world: world.clone(),
            slots: Vec::new(),
            free: Vec::new(),
            calendar: Calendar::default(),
            counters: Counters::default(),
            books,
            jitter: Random::of(place.begin_ms.unsigned_abs(), share.number.into()),
            place,
            share,
            is_stopping: false,
            scratch: Vec::new(),
        };
        match world.settings.rate {
            Some(_) => fleet.calendar.add(0, Entry::NextOfRate { number: 0 }),
            None => (share.number..world.settings.viewers).step_by(share.of as usize).for_each(|seat| {
                let arrival_us = world.schedule.first_arrival_ms(seat) * 1_000;
                fleet.calendar.add(arrival_us, Entry::Arrival { seat, visit: 0 });
            }),
        }
        fleet
    }

    /// When something is due next, µs.
    pub(crate) fn next_us(&self) -> Option<i64> {
        self.calendar.next_us()
    }

    /// How many requests were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.counters.sent
    }

    /// How many requests were answered.
    pub(crate) fn answered(&self) -> u64 {
        self.counters.answered
    }

    /// The counters, after the end.
    pub(crate) fn finish(&mut self) -> Counters {
        std::mem::take(&mut self.counters)
    }

    /// How many viewers there are.
    pub(crate) fn viewers(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether nobody is there and nobody comes.
    pub(crate) fn is_done(&self) -> bool {
        self.viewers() == 0 && self.calendar.next_us().is_none()
    }

    /// The requests that are due.
    pub(crate) fn take_due(&mut self, now_us: i64, jobs: &mut Vec<Job>) {
        while let Some((due_us, entry)) = self.calendar.take_due(now_us) {
            match entry {
                Entry::Arrival { seat, visit } => self.arrive(seat, visit, due_us),
                Entry::NextOfRate { number } => self.arrive_at_rate(number, due_us),
                Entry::Moment { slot } => self.begin_moment(slot, due_us, now_us, jobs),
                Entry::Again { slot, place } => jobs.push(Job { slot, place }),
            }
        }
    }

    fn arrive(&mut self, seat: u32, visit: u32, due_us: i64) {
        let viewer = Box::new(Viewer::new(Script::new(&self.world, seat, visit, due_us / 1_000)));
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize] = Some(viewer);
        self.advance(slot, due_us);
    }

    fn arrive_at_rate(&mut self, number: u32, due_us: i64) {
        let Some(rate) = self.world.settings.rate else { return };
        if due_us >= self.world.settings.duration_ms * 1_000 {
            return;
        }
        let next_us = due_us + self.world.schedule.gap_us(rate, number.into());
        self.calendar.add(next_us, Entry::NextOfRate { number: number.saturating_add(1) });
        let is_mine = number % self.share.of == self.share.number;
        // More than that a machine does not hold: who comes then finds no place.
        if is_mine && self.viewers() < (VIEWERS_MAX / self.share.of) as usize {
            self.arrive(number, 0, due_us);
        }
    }

    fn begin_moment(&mut self, slot: u32, due_us: i64, now_us: i64, jobs: &mut Vec<Job>) {
        let Some(viewer) = viewer_in(&mut self.slots, slot) else { return };
        let Some(moment) = viewer.moment else { return };
        viewer.is_sending = true;
        let bodies = Bodies { run: "", begin_ms: 0, catalogue: &self.world.catalogue };
        for (place, event) in moment.events().enumerate() {
            let ready_us = viewer.ready_us;
            viewer.sendings[place] =
                Sending { due_us, ready_us, first_ready_us: ready_us, ..Sending::default() };
            let digest = bodies.digest(&mut self.scratch, event, &viewer.script.identity);
            // A sum, because the order in which requests of one time are due is of no account.
            self.counters.digest = self.counters.digest.wrapping_add(digest);
            self.counters.offered += 1;
            if event.happening == Happening::Ping && now_us - due_us > PING_LATE_US {
                viewer.sendings[place].fate = Some(Fate::Refused);
                self.counters.given_up += 1;
            } else {
                jobs.push(Job { slot, place: place as u8 });
            }
        }
        self.go_on(slot, now_us);
    }

    /// Writes the request of a job, which is sent now; `false` if it is not to be sent any more.
    pub(crate) fn write_request(&mut self, job: Job, now_us: i64, out: &mut Vec<u8>) -> bool {
        let Some(viewer) = viewer_in(&mut self.slots, job.slot) else { return false };
        let place = usize::from(job.place);
        let Some(event) = viewer.moment.as_ref().and_then(|moment| moment.event(place)) else { return false };
        if viewer.sendings[place].fate.is_some() {
            return false;
        }
        let bodies = Bodies {
            run: &self.world.settings.run,
            begin_ms: self.place.begin_ms,
            catalogue: &self.world.catalogue,
        };
        self.scratch.clear();
        bodies.write(&mut self.scratch, event, &viewer.script.identity);
        let base = self.place.base.as_str();
        match &viewer.sid {
            Some(sid) => {
                let path = [base, "/api/v1/sessions/", sid, "/events"];
                write_request(out, &self.place.host, &path, &self.scratch);
            }
            None => write_request(out, &self.place.host, &[base, "/api/v1/sessions"], &self.scratch),
        }
        let sending = &mut viewer.sendings[place];
        sending.sent_us = now_us;
        self.counters.sent += 1;
        if sending.attempts > 0 && !sending.is_repeated {
            self.counters.retried += 1;
        }
        sending.attempts += 1;
        sending.is_in_flight = true;
        self.counters.lag.add((now_us - sending.ready_us).max(0).unsigned_abs());
        true
    }

    /// Takes what became of a request.
    pub(crate) fn settle(&mut self, job: Job, outcome: &Outcome, now_us: i64) {
        let Some(viewer) = viewer_in(&mut self.slots, job.slot) else { return };
        let place = usize::from(job.place);
        let Some(event) = viewer.moment.as_ref().and_then(|moment| moment.event(place)).copied() else {
            return;
        };
        let sending = &mut viewer.sendings[place];
        sending.is_in_flight = false;
        match outcome {
            Outcome::Answered(response) => {
                let latency_us = now_us - sending.due_us;
                self.counters.answer(response.status, event.happening.kind(), latency_us);
                let is_final = !matches!(response.status, 200..=299 | 429 | 503);
                if is_final && !sending.is_repeated {
                    self.counters.note(response.status, event.happening.event_type(), &response.body);
                }
            }
            Outcome::NotSent => self.counters.not_sent += 1,
            Outcome::Lost => self.counters.lost += 1,
        }
        if sending.is_repeated {
            // It was acknowledged before.
            sending.fate = Some(Fate::Stored);
        } else if event.happening == Happening::SessionStart {
            self.settle_start(job, outcome, now_us);
        } else {
            self.settle_event(job, outcome, now_us);
        }
        self.go_on(job.slot, now_us);
    }

    fn settle_start(&mut self, job: Job, outcome: &Outcome, now_us: i64) {
        let content_of = &self.world.catalogue;
        let Some(viewer) = viewer_in(&mut self.slots, job.slot) else { return };
        let sending = &mut viewer.sendings[usize::from(job.place)];
        let wait_us = match outcome {
            Outcome::Answered(Response { status: 201, sid: Some(sid), .. }) => {
                viewer.sid = Some(sid.clone());
                sending.fate = Some(Fate::Stored);
                if let Some(start) = viewer.moment.take().as_ref().and_then(|moment| moment.event(0)) {
                    let identity = &viewer.script.identity;
                    let content = content_of.content(identity.content);
                    let account = Account::open(start, content, identity.is_resumed);
                    viewer.books = Some(Alternatives::new(account));
                }
                self.counters.sessions += 1;
                return;
            }
            Outcome::Answered(Response { status: 429 | 503, retry_after_seconds, .. }) => {
                Some(asked_for_us(*retry_after_seconds, &mut self.jitter))
            }
            Outcome::Answered(response) => {
                // An error of the server may come behind the start; a 201 without an id opened a session that nobody can use.
                viewer.lost_starts += u32::from(response.status >= 500 || response.status == 201);
                None
            }
            Outcome::NotSent => Some(wait_us(sending.attempts)),
            Outcome::Lost => {
                viewer.lost_starts += 1;
                Some(wait_us(sending.attempts))
            }
        };
        if matches!(outcome, Outcome::NotSent) {
            sending.attempts += 1;
        }
        match wait_us.filter(|_| sending.attempts < START_ATTEMPTS && !self.is_stopping) {
            Some(wait_us) => {
                sending.due_us = now_us + wait_us;
                sending.ready_us = sending.due_us;
                self.calendar.add(now_us + wait_us, Entry::Again { slot: job.slot, place: job.place });
            }
            None => {
                sending.fate = Some(Fate::Refused);
                viewer.has_left = true;
                self.counters.refused_starts += 1;
            }
        }
    }

    fn settle_event(&mut self, job: Job, outcome: &Outcome, now_us: i64) {
        let Some(viewer) = viewer_in(&mut self.slots, job.slot) else { return };
        let place = usize::from(job.place);
        let event = viewer.moment.as_ref().and_then(|moment| moment.event(place));
        let is_ping = event.is_some_and(|event| event.happening == Happening::Ping);
        let sending = &mut viewer.sendings[place];
        let sent_us = sending.sent_us;
        let mut wait = None;
        let mut is_final = false;
        match outcome {
            Outcome::Answered(Response { status: 200..=299, .. }) => {
                sending.acknowledged_us = now_us;
                sending.maybe_stored_us.get_or_insert(sent_us);
                return self.acknowledge(job, now_us);
            }
            Outcome::Answered(Response { status: 429 | 503, retry_after_seconds, .. }) => {
                sending.refusals += 1;
                wait = Some(asked_for_us(*retry_after_seconds, &mut self.jitter));
                is_final = (is_ping || sending.refusals > REFUSALS_MAX) && !sending.is_unknown;
            }
            Outcome::Answered(Response { status, .. }) => {
                // An error of the server may come behind the storing; any other refusal is the server's last word.
                sending.is_unknown |= *status >= 500;
                viewer.has_left |= *status >= 500 || matches!(status, 404 | 410);
                is_final = true;
            }
            Outcome::NotSent => wait = Some(wait_us(sending.attempts)),
            Outcome::Lost => {
                sending.is_unknown = true;
                sending.maybe_stored_us.get_or_insert(sent_us);
                wait = Some(wait_us(sending.attempts));
            }
        }
        if matches!(outcome, Outcome::NotSent) {
            sending.attempts += 1;
        }
        let again_us = now_us + wait.unwrap_or_default();
        let is_hopeless = again_us - sending.first_ready_us > PATIENCE_US;
        let is_unknown = sending.is_unknown;
        // Known not to be stored, and too late for its place among those that are.
        let is_late = !is_unknown && viewer.is_late(place, again_us);
        if !(is_final || is_late || is_hopeless || self.is_stopping) {
            viewer.sendings[place].due_us = again_us;
            viewer.sendings[place].ready_us = again_us;
            self.calendar.add(again_us, Entry::Again { slot: job.slot, place: job.place });
            return;
        }
        // Who gets no answer at all goes; so does a viewer who waits for one that never comes.
        viewer.has_left |= is_unknown || is_hopeless;
        viewer.sendings[place].fate = Some(if is_unknown { Fate::Unknown } else { Fate::Refused });
        self.counters.given_up += u64::from(!is_unknown);
        self.counters.unknown += u64::from(is_unknown);
    }

    /// An event is stored. Some players do not believe it and send it again.
    fn acknowledge(&mut self, job: Job, now_us: i64) {
        let Some(viewer) = viewer_in(&mut self.slots, job.slot) else { return };
        let place = usize::from(job.place);
        let is_sent_twice = viewer.moment.as_ref().and_then(|moment| moment.event(place));
        let sending = &mut viewer.sendings[place];
        if is_sent_twice.is_some_and(|event| event.is_sent_twice) && !self.is_stopping {
            sending.is_repeated = true;
            sending.due_us = now_us;
            sending.ready_us = now_us;
            self.counters.repeated += 1;
            self.calendar.add(now_us, Entry::Again { slot: job.slot, place: job.place });
        } else {
            sending.fate = Some(Fate::Stored);
        }
    }

    /// Goes on to the next moment if this one is settled.
    fn go_on(&mut self, slot: u32, now_us: i64) {
        let Some(viewer) = viewer_in(&mut self.slots, slot) else { return };
        if !viewer.is_settled() {
            return;
        }
        viewer.is_sending = false;
        viewer.enter();
        self.advance(slot, now_us);
    }

    /// Plans the next moment of a viewer, or lets the viewer go.
    fn advance(&mut self, slot: u32, now_us: i64) {
        let is_stopping = self.is_stopping;
        let Some(viewer) = viewer_in(&mut self.slots, slot) else { return };
        if !viewer.has_left && !is_stopping {
            viewer.moment = viewer.script.next(&self.world);
            if let Some(moment) = &viewer.moment {
                viewer.ready_us = now_us.max(moment.due_ms * 1_000);
                self.calendar.add(moment.due_ms * 1_000, Entry::Moment { slot });
                return;
            }
        }
        self.let_go(slot, now_us);
    }

    /// A viewer has gone: the books are closed, and the seat is free for another.
    fn let_go(&mut self, slot: u32, now_us: i64) {
        let Some(viewer) = self.slots.get_mut(slot as usize).and_then(Option::take) else { return };
        self.free.push(slot);
        self.counters.possible_orphans += u64::from(viewer.lost_starts);
        if let Some(books) = &self.books {
            books.lock().unwrap_or_else(PoisonError::into_inner).add_viewer(&viewer, &self.world);
        }
        let Script { identity, now_ms, mut random, .. } = viewer.script;
        let is_planned = !viewer.has_left;
        let free_ms = if is_planned { now_ms } else { now_ms.max(now_us / 1_000) };
        if self.world.settings.rate.is_none()
            && !self.is_stopping
            && let Some(arrival_ms) = self.world.schedule.next_arrival_ms(free_ms, &mut random)
        {
            let visit = identity.visit.saturating_add(1);
            self.calendar.add(arrival_ms * 1_000, Entry::Arrival { seat: identity.seat, visit });
        }
    }

    /// Ends the run: what is not on its way is not sent any more.
    pub(crate) fn stop(&mut self, now_us: i64) {
        self.is_stopping = true;
        self.calendar.clear();
        self.drop_unsent(now_us);
    }

    /// Closes the books of those whose answers nobody waits for any longer, after [`Self::stop`].
    pub(crate) fn give_up(&mut self, now_us: i64) {
        for viewer in self.slots.iter_mut().flatten() {
            let is_start = viewer.sid.is_none();
            for sending in viewer.sendings.iter_mut().filter(|sending| sending.is_in_flight) {
                sending.is_in_flight = false;
                sending.is_unknown = true;
                sending.maybe_stored_us.get_or_insert(sending.sent_us);
                viewer.lost_starts += u32::from(is_start);
            }
        }
        self.drop_unsent(now_us);
    }

    fn drop_unsent(&mut self, now_us: i64) {
        for slot in 0..self.slots.len() as u32 {
            let Some(viewer) = viewer_in(&mut self.slots, slot) else { continue };
            if viewer.is_sending {
                let (given_up, unknown) = viewer.drop_unsent();
                self.counters.given_up += given_up;
                self.counters.unknown += unknown;
            } else {
                // It was not due yet.
                viewer.moment = None;
            }
            if viewer.is_settled() {
                viewer.enter();
                self.let_go(slot, now_us);
            }
        }
    }
}

fn viewer_in(slots: &mut [Option<Box<Viewer>>], slot: u32) -> Option<&mut Viewer> {
    slots.get_mut(slot as usize)?.as_deref_mut()
}

/// The wait that a server asks for, and a little more, so that not all come back at once.
fn asked_for_us(retry_after_seconds: Option<u64>, jitter: &mut Random) -> i64 {
    let seconds = i64::try_from(retry_after_seconds.unwrap_or(1)).unwrap_or(i64::MAX);
    seconds.saturating_mul(1_000_000).min(RETRY_AFTER_MAX_US) + jitter.between(0, 250_000)
}

/// The wait after so many attempts without an answer.
fn wait_us(attempts: u32) -> i64 {
    (FIRST_WAIT_US << attempts.min(8)).min(LOST_WAIT_MAX_US)
}
