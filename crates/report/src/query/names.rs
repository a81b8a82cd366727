//! The names of ids: the latest one of each, and those that it has had beside it.
//!
//! A group is told by its id, and its numbers do not depend on names. They are read in a pass of their own over the same
//! rows, for the ids of the response only.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::{cast, lit};
use datafusion::prelude::{DataFrame, ident};
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::limits::{NAMES_LISTED, QUERY_GROUP_BYTES, SELECTED_IDS};
use crate::names::dimension::Named;

/// The names of one id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// The most recent ones, the latest first, each with when it was given last, us.
    recent: Vec<(i64, String)>,
    /// How many there are.
    count: u64,
}

/// The names of the values of a dimension of a query.
#[derive(Debug)]
pub(crate) struct DimensionNames {
    /// Its place among those of the query.
    pub(crate) place: usize,
    /// The dimension, and where its names are.
    pub(crate) named: Named,
    /// By id.
    pub(crate) names: HashMap<String, Names>,
}

/// Other names of an id.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct AlsoKnownAs {
    /// The dimension that the id is a value of.
    pub dimension: &'static str,
    /// The id.
    pub value: String,
    /// Its other names, the latest first; at most 5.
    pub names: Vec<String>,
    /// How many other names it has.
    pub count: u64,
}

impl Names {
    /// The name that was given last: in rows of sessions, by the session that started last.
    pub(crate) fn latest(&self) -> Option<&str> {
        self.recent.first().map(|(_, name)| &**name)
    }

    /// The names before it, the latest first.
    pub(crate) fn others(&self) -> Vec<String> {
        self.recent.iter().skip(1).map(|(_, name)| name.clone()).collect()
    }

    /// How many names there are beside the latest one.
    pub(crate) const fn other_count(&self) -> u64 {
        self.count.saturating_sub(1)
    }

    /// Takes a name that was not taken yet. Returns by how many bytes the names have grown.
    fn add(&mut self, given_us: i64, name: &str) -> usize {
        self.count += 1;
        let place = self.recent.partition_point(|(us, known)| (*us, &**known) > (given_us, name));
        if place > NAMES_LISTED {
            return 0;
        }
        self.recent.insert(place, (given_us, name.to_owned()));
        self.recent.truncate(NAMES_LISTED + 1);
        size_of::<(i64, String)>() + name.len()
    }
}

impl DimensionNames {
    /// The latest name of each id in a column.
    pub(crate) fn latest(&self, ids: &ArrayRef) -> ArrayRef {
        let ids = ids.as_string_opt::<i32>().into_iter().flatten();
        let latest = ids.map(|id| self.names.get(id?)?.latest());
        Arc::new(latest.collect::<StringArray>())
    }

    /// The other names of ids in a column, each id once.
    pub(crate) fn others_of(&self, ids: &ArrayRef) -> Vec<AlsoKnownAs> {
        let mut seen = HashSet::new();
        let ids = ids.as_string_opt::<i32>().into_iter().flatten().flatten().filter(|id| seen.insert(*id));
        let others = ids.filter_map(|id| {
            let names = self.names.get(id).filter(|names| names.other_count() > 0)?;
            Some(AlsoKnownAs {
                dimension: self.named.id,
                value: id.to_owned(),
                names: names.others(),
                count: names.other_count(),
            })
        });
        others.collect()
    }
}

/// The names that these rows give to `ids`.
///
/// # Errors
///
/// [`Error::Invalid`] if they take more memory than the groups of a query may.
pub(crate) async fn latest_names(
    rows: DataFrame,
    named: &Named,
    ids: &HashSet<&str>,
) -> Result<HashMap<String, Names>, Error> {
    let mut names: HashMap<String, Names> = HashMap::new();
    if ids.is_empty() {
        return Ok(names);
    }
    let (id, name) = (cast(ident(named.id), DataType::Utf8), cast(ident(named.name), DataType::Utf8));
    let mut is_named = name.clone().not_eq(lit(""));
    if ids.len() <= SELECTED_IDS {
        is_named = id.clone().in_list(ids.iter().map(|id| lit(*id)).collect(), false).and(is_named);
    }
    let given_us = cast(max(ident(named.named_at)), DataType::Int64).alias("given_us");
    let given = rows.filter(is_named)?.aggregate(vec![id.alias("id"), name.alias("name")], vec![given_us])?;
    let mut stream = given.execute_stream().await?;
    let mut bytes = 0;
    while let Some(batch) = stream.try_next().await? {
        let (ids_of, names_of) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        let given_us = batch.column(2).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let id = ids_of.value(row);
            if given_us.is_null(row) || ids_of.is_null(row) || !ids.contains(id) {
                continue;
            }
            if !names.contains_key(id) {
                bytes += id.len() + size_of::<(String, Names)>();
                names.insert(id.to_owned(), Names::default());
            }
            if let Some(of_id) = names.get_mut(id) {
                bytes += of_id.add(given_us.value(row), names_of.value(row));
            }
        }
        if bytes > QUERY_GROUP_BYTES {
            return Err(Error::fault(
                "/names",
                format!(
                    "take more than {QUERY_GROUP_BYTES} bytes; use a lower limit, a filter or a shorter range"
                ),
            ));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_names_are_kept_and_all_are_counted() {
        let mut names = Names::default();
        for (at, name) in [(3, "c"), (9, "i"), (1, "a"), (7, "g"), (8, "h"), (2, "b"), (6, "f"), (5, "e")] {
            names.add(at, name);
        }
        assert_eq!(names.latest(), Some("i"));
        assert_eq!(names.others(), ["h", "g", "f", "e", "c"]);
        assert_eq!(names.other_count(), 7);
    }

    #[test]
    fn names_of_one_moment_have_an_order() {
        let of = |order: [&str; 2]| {
            let mut names = Names::default();
            order.iter().for_each(|name| {
                names.add(1, name);
            });
            names
        };
        assert_eq!(of(["a", "b"]), of(["b", "a"]));
    }
}
