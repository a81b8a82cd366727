//! Sums over the rows of each group. The groups with the most rows are kept; the others are added together.

use datafusion::arrow::array::{Array, AsArray, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int32Type, Int64Type};
use datafusion::functions_aggregate::expr_fn::{count as count_rows, sum};
use datafusion::functions_aggregate::grouping::grouping_udaf;
use datafusion::logical_expr::{Expr, GroupingSet, lit, try_cast, when};
use datafusion::prelude::{DataFrame, SessionContext, ident};
use futures::StreamExt;
use playhead_lake::Table;

use crate::error::Error;
use crate::panels::memory::unexpected_column;
use crate::panels::values::{text, texts};

/// Sums over rows, in the requested order; whole numbers, times in ms.
pub(crate) type Sums = Vec<i64>;

/// The groups of a query.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    /// The sums over all rows.
    pub(crate) all: Sums,
    /// The groups with the highest first sums, the highest first; among equals in order of their values.
    pub(crate) top: Vec<Group>,
    /// The sums over all other groups; `None` if there are none.
    pub(crate) other: Option<Sums>,
    /// How many other groups there are.
    pub(crate) other_groups: u64,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// The values that its rows share.
    pub(crate) values: Vec<Option<String>>,
    /// The sums over its rows.
    pub(crate) sums: Sums,
}

/// A sum that counts something.
pub(crate) fn count(sum: i64) -> u64 {
    u64::try_from(sum).unwrap_or(0)
}

/// The number of rows.
pub(crate) fn row_count() -> Expr {
    count_rows(lit(1))
}

/// The number of rows that meet a condition.
pub(crate) fn rows_where(condition: Expr) -> Result<Expr, Error> {
    Ok(sum(when(condition, lit(1_i64)).otherwise(lit(0_i64))?))
}

/// The sum of a column of seconds, ms. In whole numbers, so that it does not depend on the order of the rows.
pub(crate) fn sum_ms(column: &str) -> Expr {
    sum(try_cast(ident(column) * lit(1_000.0) + lit(0.5), DataType::Int64))
}

/// Sums over the rows that meet a condition, for each group of rows with the same `keys` (texts).
pub(crate) async fn grouped(
    context: &SessionContext,
    table: Table,
    condition: Option<Expr>,
    keys: Vec<Expr>,
    sums: Vec<Expr>,
    top: usize,
) -> Result<Groups, Error> {
    grouped_rows(rows_of(context, table, condition).await?, keys, sums, top).await
}

/// The rows of a table that meet a condition.
pub(crate) async fn rows_of(
    context: &SessionContext,
    table: Table,
    condition: Option<Expr>,
) -> Result<DataFrame, Error> {
    let frame = context.table(table.name()).await?;
    Ok(match condition {
        Some(condition) => frame.filter(condition)?,
        None => frame,
    })
}

/// Sums over these rows, for each group of rows with the same `keys` (texts).
pub(crate) async fn grouped_rows(
    rows: DataFrame,
    keys: Vec<Expr>,
    sums: Vec<Expr>,
    top: usize,
) -> Result<Groups, Error> {
    let (key_count, sum_count) = (keys.len(), sums.len());
    let mut stream = rows.aggregate(named(keys, "key"), named(sums, "sum"))?.execute_stream().await?;

    let mut groups = Groups::none(sum_count);
    while let Some(batch) = stream.next().await.transpose()? {
        let keys = (0..key_count).map(|place| texts(batch.column(place), "key"));
        let keys = keys.collect::<Result<Vec<_>, Error>>()?;
        let sums = sum_columns(&batch, key_count, sum_count)?;
        for row in 0..batch.num_rows() {
            let values = keys.iter().map(|column| text(column, row).map(str::to_owned)).collect();
            groups.add(Group { values, sums: sums_of(&sums, row) });
        }
        groups.keep(top);
    }
    Ok(groups)
}

/// Sums over these rows for the groups of each of these keys (texts) alone: as [`grouped_rows`] for one key after the other, but
/// the rows are read once. At most 31 keys.
pub(crate) async fn grouped_by_each(
    rows: DataFrame,
    keys: Vec<Expr>,
    mut sums: Vec<Expr>,
    top: usize,
) -> Result<Vec<Groups>, Error> {
    let (key_count, sum_count) = (keys.len(), sums.len());
    // Keys with names of their own, so that two of the same dimension are two.
    let names: Vec<String> = (0..key_count).map(|place| format!("key_{place}")).collect();
    let rows = names.iter().zip(keys).try_fold(rows, |rows, (name, key)| rows.with_column(name, key))?;
    let columns: Vec<Expr> = names.iter().map(ident).collect();
    sums.push(grouping_udaf().call(columns.clone()));
    let sets = GroupingSet::GroupingSets(columns.into_iter().map(|column| vec![column]).collect());
    let grouped = rows.aggregate(vec![Expr::GroupingSet(sets)], named(sums, "sum"))?;

    let mut by_key = vec![Groups::none(sum_count); key_count];
    let mut stream = grouped.execute_stream().await?;
    while let Some(batch) = stream.next().await.transpose()? {
        let left_out = batch.column(key_count + sum_count).as_primitive_opt::<Int32Type>();
        let left_out = left_out.ok_or_else(|| unexpected_column("grouping"))?;
        let sums = sum_columns(&batch, key_count, sum_count)?;
        for row in 0..batch.num_rows() {
            // A bit for each key that the group is not by, the last key's the lowest.
            let place =
                (0..key_count).find(|place| left_out.value(row) & (1 << (key_count - 1 - place)) == 0);
            let place = place.ok_or_else(|| unexpected_column("grouping"))?;
            let value = text(texts(batch.column(place), "key")?, row).map(str::to_owned);
            by_key[place].add(Group { values: vec![value], sums: sums_of(&sums, row) });
        }
        by_key.iter_mut().for_each(|groups| groups.keep(top));
    }
    Ok(by_key)
}

fn named(exprs: Vec<Expr>, name: &str) -> Vec<Expr> {
    exprs.into_iter().enumerate().map(|(place, expr)| expr.alias(format!("{name}_{place}"))).collect()
}

fn sum_columns(batch: &RecordBatch, first: usize, count: usize) -> Result<Vec<&Int64Array>, Error> {
    let columns = (first..first + count).map(|place| batch.column(place).as_primitive_opt::<Int64Type>());
    columns.collect::<Option<Vec<_>>>().ok_or_else(|| unexpected_column("sum"))
}

/// The sums in a row. The sum over no rows is null.
fn sums_of(columns: &[&Int64Array], row: usize) -> Sums {
    columns.iter().map(|column| if column.is_valid(row) { column.value(row) } else { 0 }).collect()
}

impl Groups {
    fn none(sum_count: usize) -> Self {
        Self { all: vec![0; sum_count], top: Vec::new(), other: None, other_groups: 0 }
    }

    fn add(&mut self, group: Group) {
        add(&mut self.all, &group.sums);
        self.top.push(group);
    }

    /// Adds all groups except the first `top` together. Each group comes once, so a group that is left out stays out.
    fn keep(&mut self, top: usize) {
        self.top.sort_by(|one, other| {
            other.sums[0].cmp(&one.sums[0]).then_with(|| one.values.cmp(&other.values))
        });
        for group in self.top.drain(top.min(self.top.len())..) {
            add(self.other.get_or_insert_with(|| vec![0; group.sums.len()]), &group.sums);
            self.other_groups += 1;
        }
    }
}

fn add(total: &mut Sums, sums: &Sums) {
    for (total, sum) in total.iter_mut().zip(sums) {
        *total = total.saturating_add(*sum);
    }
}
