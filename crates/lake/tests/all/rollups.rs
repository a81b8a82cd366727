//! Rollups and the sessions that they do not cover together always give the sums of the sessions alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::kept_lake::{DAY_MS, HOUR_MS, KeptLake, Obstructed, data_files, keep, now_ms, settings};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::prelude::{DataFrame, Expr, SessionContext, cast, col};
use object_store::local::LocalFileSystem;
use playhead_lake::tables::rollup_tables::{STARTED_DAY, sums};
use playhead_lake::{Done, Error, Maintenance, MaintenanceSettings, ROLLUPS, Rollup, Table, Work};
use playhead_samples::{SampleSettings, Sessions};
use proptest::prelude::*;
use tokio::sync::Barrier;

/// The sums of each combination of dimensions, as text.
type Sums = BTreeMap<String, Vec<Option<f64>>>;

async fn summed(rollup: &Rollup, rows: DataFrame) -> Sums {
    let groups = || std::iter::once(STARTED_DAY).chain(rollup.dimensions.iter().copied());
    let names: Vec<String> = sums().into_iter().map(|sum| sum.name).collect();
    let again: Vec<Expr> = names.iter().map(|name| sum(col(name)).alias(name)).collect();
    let groups_of: Vec<Expr> = groups().map(col).collect();
    let (state, plan) = rows.into_parts();
    let plan = LogicalPlanBuilder::from(plan).aggregate(groups_of, again).unwrap().build().unwrap();
    let rows = DataFrame::new(state, plan);
    let texts: Vec<Expr> = groups().map(|name| cast(col(name), DataType::Utf8).alias(name)).collect();
    let rows = rows.select(texts.into_iter().chain(names.iter().map(col)).collect::<Vec<_>>()).unwrap();
    let mut all = Sums::new();
    for batch in rows.collect().await.unwrap() {
        for row in 0..batch.num_rows() {
            let text = |place: usize| {
                let column = batch.column(place).as_string::<i32>();
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            let dimensions = 1 + rollup.dimensions.len();
            let key = format!("{:?}", (0..dimensions).map(text).collect::<Vec<_>>());
            let value = |place: usize| {
                let column = batch.column(place);
                column.is_valid(row).then(|| match column.data_type() {
                    DataType::Int64 => column.as_primitive::<Int64Type>().value(row) as f64,
                    _ => column.as_primitive::<Float64Type>().value(row),
                })
            };
            let values = (dimensions..batch.num_columns()).map(value).collect();
            assert!(all.insert(key, values).is_none(), "a combination stands twice");
        }
    }
    all
}

/// The sums of the sessions, and those of the rollup and the other sessions together; with the days that the rollup
/// covers.
async fn both(kept: &KeptLake, rollup: &'static Rollup) -> (Sums, Sums, Vec<i32>) {
    let context = SessionContext::new();
    let snapshot = kept.lake.snapshot(Table::Sessions).await.unwrap();
    let Some(sessions) = snapshot.provider().await.unwrap() else {
        return (Sums::new(), Sums::new(), Vec::new());
    };
    let plain = rollup.of_sessions(context.read_table(sessions).unwrap()).unwrap();
    let plain = summed(rollup, plain).await;
    let rolled_up = kept.lake.rolled_up(rollup, &snapshot, &BTreeSet::new()).await.unwrap();
    let columns: Vec<Expr> = rollup.columns().iter().map(|field| col(field.name())).collect();
    let mut parts = Vec::new();
    if let Some(rows) = rolled_up.rows().await.unwrap() {
        parts.push(context.read_table(rows).unwrap().select(columns.clone()).unwrap());
    }
    if let Some(sessions) = rolled_up.other_sessions().await.unwrap() {
        let rest = rollup.of_sessions(context.read_table(sessions).unwrap()).unwrap();
        parts.push(rest.select(columns).unwrap());
    }
    let united = parts.into_iter().reduce(|one, other| one.union(other).unwrap()).unwrap();
    (plain, summed(rollup, united).await, rolled_up.days().to_vec())
}

fn assert_same(plain: &Sums, united: &Sums) {
    assert_eq!(plain.keys().collect::<Vec<_>>(), united.keys().collect::<Vec<_>>());
    for (key, values) in plain {
        for (place, (one, other)) in values.iter().zip(&united[key]).enumerate() {
            let (one, other) = match (one, other) {
                (Some(one), Some(other)) => (*one, *other),
                (one, other) => {
                    assert_eq!(one, other, "{key}, {}", sums()[place].name);
                    continue;
                }
            };
            // Sums of the same numbers in another order.
            let is_near = (one - other).abs() <= 1e-9 * one.abs().max(1.0);
            assert!(is_near, "{key}, {}: {one} and {other}", sums()[place].name);
        }
    }
}

fn days_of(first_day_ms: i64, days: u32, sessions: u64, seed: u64) -> Sessions {
    let settings = SampleSettings {
        first_day_ms,
        days,
        sessions,
        contents: 6,
        wrong_clocks: true,
        ..SampleSettings::default()
    };
    Sessions::new(seed, settings)
}

fn made(done: &[Done]) -> usize {
    done.iter().filter(|done| done.work == Work::RollUp).count()
}

#[tokio::test]
async fn a_rollup_covers_days_that_are_over_until_their_sessions_change() {
    let mut kept = KeptLake::new();
    let maintenance = kept.maintenance();
    // All of the test is on one day, also shortly before midnight.
    let now_ms = now_ms() + HOUR_MS;
    let today = now_ms.div_euclid(DAY_MS);
    let first_day_ms = (today - 2) * DAY_MS;
    let first_day = i32::try_from(today - 2).unwrap();
    kept.append(Table::Sessions, days_of(first_day_ms, 3, 300, 1)).await;
    let (plain, united, days) = both(&kept, &ROLLUPS[0]).await;
    assert!(days.is_empty());
    assert_same(&plain, &united);

    // The current day has none.
    assert_eq!(made(&keep(&maintenance, &kept.lake, now_ms).await), 2 * ROLLUPS.len());
    for rollup in ROLLUPS {
        let (plain, united, days) = both(&kept, rollup).await;
        assert_eq!(days, [first_day, first_day + 1], "{}", rollup.name);
        assert_same(&plain, &united);
    }
    assert_eq!(made(&keep(&maintenance, &kept.lake, now_ms).await), 0);

    // Late rows: the day is read from its sessions until its rollup is made again.
    kept.append(Table::Sessions, days_of(first_day_ms, 1, 20, 2)).await;
    let (plain, united, days) = both(&kept, &ROLLUPS[1]).await;
    assert_eq!(days, [first_day + 1]);
    assert_same(&plain, &united);
    keep(&maintenance, &kept.lake, now_ms).await;
    let (plain, united, days) = both(&kept, &ROLLUPS[1]).await;
    assert_eq!(days, [first_day, first_day + 1]);
    assert_same(&plain, &united);
}

#[tokio::test]
async fn days_with_few_sessions_get_none_and_days_without_sessions_lose_theirs() {
    let mut kept = KeptLake::new();
    let now_ms = now_ms() + HOUR_MS;
    let first_day_ms = (now_ms.div_euclid(DAY_MS) - 9) * DAY_MS;
    kept.append(Table::Sessions, days_of(first_day_ms, 2, 100, 1)).await;
    let choosy = MaintenanceSettings { rollup_sessions: 10_000, ..kept.settings() };
    assert_eq!(made(&keep(&Maintenance::new(choosy), &kept.lake, now_ms).await), 0);
    keep(&kept.maintenance(), &kept.lake, now_ms).await;
    assert_eq!(both(&kept, &ROLLUPS[0]).await.2.len(), 2);
    let forgetful = MaintenanceSettings { retention_days: [(Table::Sessions, 8)].into(), ..kept.settings() };
    keep(&Maintenance::new(forgetful), &kept.lake, now_ms).await;
    let (plain, united, days) = both(&kept, &ROLLUPS[0]).await;
    assert_eq!(days.len(), 1);
    assert_same(&plain, &united);
    keep(&kept.maintenance(), &kept.lake, now_ms + 3 * DAY_MS).await;
    for rollup in ROLLUPS {
        assert_eq!(data_files(&kept.path(), rollup.name).len(), 1, "{}", rollup.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_make_the_same_rollup_count_no_session_twice() {
    let mut kept = KeptLake::new();
    kept.append(Table::Sessions, days_of(1_767_225_600_000, 1, 60, 1)).await;
    let now_ms = now_ms() + HOUR_MS;
    keep(
        &Maintenance::new(MaintenanceSettings { rollup_sessions: 1_000, ..kept.settings() }),
        &kept.lake,
        now_ms,
    )
    .await;
    // The tables exist, so the first version that each process makes is the rollup's.
    kept.append(Table::Sessions, days_of(1_767_225_600_000 + DAY_MS, 1, 60, 2)).await;
    keep(&kept.maintenance(), &kept.lake, now_ms).await;
    kept.append(Table::Sessions, days_of(1_767_225_600_000 + 2 * DAY_MS, 1, 60, 3)).await;
    keep(
        &Maintenance::new(MaintenanceSettings { rollup_sessions: 1_000, ..kept.settings() }),
        &kept.lake,
        now_ms,
    )
    .await;
    let gate = Arc::new(Barrier::new(2));
    let store = || Arc::new(Obstructed::waiting_at(Some(gate.clone())));
    let (one, two) = (kept.other(store(), "one"), kept.other(store(), "two"));
    let (first, second) = (kept.maintenance(), Maintenance::new(settings(&kept.path().join("../two"))));
    let (first, second) = tokio::join!(first.step(&one, now_ms), second.step(&two, now_ms));
    let both_of_them = [first, second];
    let is_conflict = |step: &&Result<Option<Done>, Error>| matches!(step, Err(Error::Conflict { .. }));
    assert_eq!(both_of_them.iter().filter(is_conflict).count(), 1, "{both_of_them:?}");
    // Opened again, because a lake sees the writes of others only after a moment.
    kept.lake = kept.other(Arc::new(LocalFileSystem::new()), "here");
    let (plain, united, days) = both(&kept, &ROLLUPS[0]).await;
    assert_eq!(days.len(), 3);
    assert_same(&plain, &united);
}

/// A step of a lake's history.
#[derive(Debug, Clone)]
enum Step {
    Append {
        day: u32,
        days: u32,
        sessions: u64,
        seed: u64,
    },
    Keep,
    /// Only so many pieces of the upkeep that is due.
    KeepSome(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let append = (0_u32..4, 1_u32..3, 1_u64..12, 0_u64..1_000)
        .prop_map(|(day, days, sessions, seed)| Step::Append { day, days, sessions, seed });
    let step = prop_oneof![4 => append, 1 => Just(Step::Keep), 2 => (1_usize..5).prop_map(Step::KeepSome)];
    prop::collection::vec(step, 2..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_rollups_and_other_sessions_give_the_sums_of_the_sessions(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut kept = KeptLake::new();
            let maintenance = kept.maintenance();
            let now_ms = now_ms() + HOUR_MS;
            for step in steps {
                match step {
                    Step::Append { day, days, sessions, seed } => {
                        let first_day_ms = 1_767_225_600_000 + i64::from(day) * DAY_MS;
                        kept.append(Table::Sessions, days_of(first_day_ms, days, sessions, seed)).await;
                    }
                    Step::Keep => drop(keep(&maintenance, &kept.lake, now_ms).await),
                    Step::KeepSome(pieces) => {
                        for _ in 0..pieces {
                            maintenance.step(&kept.lake, now_ms).await.unwrap();
                        }
                    }
                }
                for rollup in ROLLUPS {
                    let (plain, united, _) = both(&kept, rollup).await;
                    assert_same(&plain, &united);
                }
            }
        });
    }
}
