//! The books of the audience beside the accounting of the product: both follow the documented rules, and neither knows the other.

use playhead_protocol::{Endpoint, Origin, SessionId, Validation, parse_event};
use playhead_session::{Arrival, Engine, Fingerprint, SessionRow, Settings as Accounting};

use crate::books::account::Account;
use crate::books::alternatives::{Alternatives, Fate};
use crate::books::metric::METRICS;
use crate::books::totals::Bounds;
use crate::settings::{Curve, Profile, Settings};
use crate::viewer::body::Bodies;
use crate::viewer::event::{Event, Moment};
use crate::viewer::script::Script;
use crate::world::World;
use crate::world::catalogue::STATES;
use playhead_random::Random;

const BEGIN_MS: i64 = 1_793_491_200_000;
const ID: SessionId = SessionId::from_bytes([7; 32]);

fn world(seed: u64, profile: Profile, speed: f64) -> World {
    World::new(&Settings {
        run: "run".into(),
        seed,
        viewers: 100,
        rate: None,
        duration_ms: 3 * 60 * 60_000,
        curve: Curve::Steady,
        profile,
        speed,
        connections: 1,
        threads: 1,
    })
}

/// All moments of a session.
fn course(world: &World, seat: u32) -> (Script, Vec<Moment>) {
    let mut script = Script::new(world, seat, 0, i64::from(seat) * 10);
    let moments = std::iter::from_fn(|| script.next(world)).collect();
    (script, moments)
}

/// What the accounting makes of events that arrive in an order of their own within each moment.
struct Accounted<'world> {
    engine: Engine,
    bodies: Bodies<'world>,
    sequence: u64,
    closed: Option<SessionRow>,
}

impl<'world> Accounted<'world> {
    fn new(world: &'world World) -> Self {
        let bodies = Bodies { run: "run", begin_ms: BEGIN_MS, catalogue: &world.catalogue };
        Self { engine: Engine::new(Accounting::default()), bodies, sequence: 0, closed: None }
    }

    fn take(&mut self, event: &Event, script: &Script, arrived_ms: i64) {
        let mut body = Vec::new();
        self.bodies.write(&mut body, event, &script.identity);
        let endpoint = if self.sequence == 0 { Endpoint::SessionStart } else { Endpoint::Events };
        let parsed = parse_event(&body, endpoint, Validation::Strict);
        let parsed = parsed.unwrap_or_else(|why| panic!("{why:?}: {}", String::from_utf8_lossy(&body)));
        let arrival = Arrival {
            sequence: self.sequence,
            arrived_at_ms: BEGIN_MS + arrived_ms,
            event: parsed,
            fingerprint: Fingerprint::of(&body),
        };
        if self.sequence == 0 {
            self.engine.open(ID, Origin::COLLECTION_V1, arrival, &mut ());
        } else if let Some(session) = self.engine.push(&ID, arrival, &mut ()) {
            self.closed = Some(session.row());
        }
        self.sequence += 1;
    }

    fn row(mut self) -> SessionRow {
        let mut closed = Vec::new();
        self.engine.advance_to(i64::MAX / 2, &mut closed, &mut ());
        self.closed.unwrap_or_else(|| closed[0].row())
    }
}

/// A row in the order of the metrics.
fn values_of(row: &SessionRow) -> Vec<i64> {
    let ms = |seconds: f64| (seconds * 1_000.0).round() as i64;
    let count = |number: Option<f64>| number.unwrap_or_default() as i64;
    let dropped = i64::from(!row.content_start);
    let has_failed = row.error_events > 0;
    let media_ms = row.content_ms + row.ad_ms;
    let counts = [
        row.pause_events,
        row.buffer_events,
        row.stall_events,
        row.error_events,
        row.bitrate_changes,
        row.ad_count,
        row.ad_completes,
        row.ad_skips,
        row.chapter_count,
        row.chapter_completes,
        row.chapter_skips,
    ];
    let mut values = vec![
        1,
        row.event_count.into(),
        i64::from(!row.content_resume),
        row.content_resume.into(),
        row.content_start.into(),
        row.content_complete.into(),
        dropped,
        dropped * i64::from(has_failed),
        dropped * i64::from(!has_failed),
        row.content_ms,
        row.ad_ms,
        media_ms,
        ms(row.unique_seconds),
        row.pause_ms,
        row.buffer_ms,
        row.stall_ms,
    ];
    values.extend(counts.map(i64::from));
    values.extend(row.progress.map(i64::from));
    values.extend([
        media_ms / 1_800_000 + 1,
        has_failed.into(),
        count(row.dropped_frames),
        count(row.time_to_start_ms),
    ]);
    values
}

/// Plays a session with this share of events lost, and compares. Returns its values, and whether the books know them all.
fn assert_agreement(world: &World, seat: u32, loss: f64) -> (Vec<i64>, bool) {
    let (script, moments) = course(world, seat);
    let random = &mut Random::of(seat.into(), 99);
    let mut accounted = Accounted::new(world);
    let start = moments[0].event(0).unwrap();
    accounted.take(start, &script, moments[0].due_ms);
    let content = world.catalogue.content(script.identity.content);
    let mut books = Alternatives::new(Account::open(start, content, script.identity.is_resumed));
    for moment in &moments[1..] {
        let fates: Vec<Fate> = moment
            .events()
            .map(|_| if random.happens(loss) { Fate::Refused } else { Fate::Stored })
            .collect();
        let mut arriving: Vec<&Event> = moment
            .events()
            .zip(&fates)
            .filter(|(_, fate)| **fate == Fate::Stored)
            .map(|(event, _)| event)
            .collect();
        // Requests beside each other arrive in any order.
        for place in (1..arriving.len()).rev() {
            arriving.swap(place, random.below(place as u64 + 1) as usize);
        }
        for (delay_ms, event) in (0..).zip(arriving) {
            accounted.take(event, &script, moment.due_ms + delay_ms);
        }
        books.take(moment, &fates);
    }
    let row = accounted.row();
    let expected = (values_of(&row), states_of(&row));
    // The order of arrival is not told to the books: where something is lost, it may matter.
    let accounts = books.accounts();
    assert!(loss > 0.0 || accounts.len() == 1, "everything is known of seat {seat}");
    let told: Vec<_> =
        accounts.iter().map(|account| (account.values().to_vec(), account.state_values())).collect();
    assert!(told.contains(&expected), "seat {seat}: {expected:?} is not in {told:?}: {moments:#?}");
    let is_certain = told.iter().all(|told| *told == expected);
    (expected.0, is_certain)
}

/// Count and time of each state that viewers turn on and off.
fn states_of(row: &SessionRow) -> [i64; 2 * STATES.len()] {
    let mut values = [0; 2 * STATES.len()];
    for (number, name) in STATES.into_iter().enumerate() {
        if let Some(state) = row.states.iter().find(|state| *state.name == *name) {
            values[2 * number] = state.count.into();
            values[2 * number + 1] = state.time_ms;
        }
    }
    values
}

#[test]
fn books_and_accounting_agree_on_every_session_whatever_is_lost() {
    let mut sums = vec![0; METRICS.len()];
    let mut uncertain = 0;
    for (seed, profile, speed, seats) in [
        (1, Profile::Vod, 1.0, 60),
        (2, Profile::Live, 1.0, 30),
        (3, Profile::Mixed, 30.0, 300),
        (4, Profile::Mixed, 400.0, 200),
    ] {
        let world = world(seed, profile, speed);
        for seat in 0..seats {
            for loss in [0.0, 0.15] {
                let (values, is_certain) = assert_agreement(&world, seat, loss);
                uncertain += usize::from(!is_certain);
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
        }
    }
    assert!(uncertain < 20, "{uncertain} sessions are only known as a range");
    for (metric, sum) in METRICS.iter().zip(sums) {
        assert!(sum > 0, "no session has {}: the comparison says nothing about it", metric.name);
    }
}

#[test]
fn an_event_without_an_answer_makes_a_range_of_both_ends() {
    let world = world(5, Profile::Vod, 1.0);
    let (script, moments) = course(&world, 1);
    let content = world.catalogue.content(script.identity.content);
    let start = Account::open(moments[0].event(0).unwrap(), content, false);
    let mut all = (0..100).flat_map(|seat| course(&world, seat).1);
    let play = all.find(|moment| moment.len() > 1).unwrap();
    let fates = [Fate::Stored, Fate::Unknown, Fate::Stored];
    let mut books = Alternatives::new(start);
    books.take(&play, &fates[..play.len()]);
    let bounds = Bounds::of(books.accounts().iter().map(Account::values));
    let events = METRICS.iter().position(|metric| metric.name == "event_count").unwrap();
    let known = play.len() as i64;
    assert_eq!(bounds.at(events), (known, known + 1));
}

#[test]
fn the_same_seed_makes_the_same_requests_and_another_one_others() {
    let digest = |seed: u64, begin_ms: i64| {
        let world = world(seed, Profile::Mixed, 60.0);
        let bodies = Bodies { run: "any", begin_ms, catalogue: &world.catalogue };
        let mut scratch = Vec::new();
        (0..100).fold(0_u64, |sum, seat| {
            let (script, moments) = course(&world, seat);
            let events = moments.iter().flat_map(Moment::events);
            events.fold(sum, |sum, event| {
                sum.wrapping_add(bodies.digest(&mut scratch, event, &script.identity))
            })
        })
    };
    assert_eq!(digest(1, 0), digest(1, BEGIN_MS));
    assert_ne!(digest(1, 0), digest(2, 0));
}
