//! Completion of a word of a query: tables, columns, keywords, functions.

use playhead_lake::Table;

/// Keywords that are common in queries.
const KEYWORDS: &[&str] = &[
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "count",
    "cross",
    "desc",
    "describe",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "explain",
    "extract",
    "false",
    "filter",
    "from",
    "full",
    "group",
    "having",
    "ilike",
    "in",
    "inner",
    "intersect",
    "interval",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "not",
    "null",
    "offset",
    "on",
    "or",
    "order",
    "over",
    "partition",
    "right",
    "select",
    "then",
    "timestamp",
    "true",
    "union",
    "unnest",
    "using",
    "values",
    "when",
    "where",
    "with",
];

/// Functions that are common in queries over these tables.
const FUNCTIONS: &[&str] = &[
    "approx_distinct",
    "approx_percentile_cont",
    "array_has",
    "array_length",
    "avg",
    "cardinality",
    "coalesce",
    "date_bin",
    "date_part",
    "date_trunc",
    "first_value",
    "greatest",
    "lag",
    "last_value",
    "lead",
    "least",
    "length",
    "lower",
    "map_extract",
    "map_keys",
    "max",
    "median",
    "min",
    "now",
    "nullif",
    "percentile_cont",
    "rank",
    "round",
    "row_number",
    "stddev",
    "substr",
    "sum",
    "to_timestamp",
    "upper",
];

/// The beginning of the word at `position`, and its completions.
pub(crate) fn complete(line: &str, position: usize) -> (usize, Vec<String>) {
    let typed = line.get(..position).unwrap_or(line);
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let begin = typed
        .rfind(|c| !is_of_word(c))
        .map_or(0, |at| at + typed[at..].chars().next().map_or(1, char::len_utf8));
    let word = &typed[begin..];
    if typed.trim_start().starts_with("\\d") {
        return (begin, matching(word, tables()));
    }
    if let Some((table, column)) = word.split_once('.') {
        let columns = Table::named(&table.to_lowercase()).map_or(&[][..], Table::columns);
        let names = matching(column, columns.iter().map(|column| column.name));
        return (begin, names.into_iter().map(|name| format!("{table}.{name}")).collect());
    }
    if word.is_empty() {
        return (begin, Vec::new());
    }
    let is_upper = word.chars().all(|c| c.is_uppercase() || !c.is_alphabetic());
    let cased = |word: &str| if is_upper { word.to_uppercase() } else { word.to_owned() };
    let mut found = matching(word, tables());
    found.extend(matching(word, columns_of_named_tables(line)));
    found.extend(matching(word, KEYWORDS.iter().chain(FUNCTIONS).copied()).iter().map(|word| cased(word)));
    found.sort_unstable();
    found.dedup();
    (begin, found)
}

fn tables() -> impl Iterator<Item = &'static str> {
    Table::ALL.into_iter().map(Table::name)
}

/// The columns of the tables that the line names, or of all tables if it names none.
fn columns_of_named_tables(line: &str) -> Vec<&'static str> {
    let lower = line.to_lowercase();
    let is_named = |table: &Table| {
        lower.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == table.name())
    };
    let named: Vec<Table> = Table::ALL.into_iter().filter(is_named).collect();
    let tables = if named.is_empty() { Table::ALL.to_vec() } else { named };
    tables.into_iter().flat_map(Table::columns).map(|column| column.name).collect()
}

fn matching(word: &str, names: impl IntoIterator<Item = &'static str>) -> Vec<String> {
    let lower = word.to_lowercase();
    names.into_iter().filter(|name| name.starts_with(&lower)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &str) -> Vec<String> {
        complete(typed, typed.len()).1
    }

    #[test]
    fn tables_columns_and_keywords_are_completed() {
        assert_eq!(words("sel"), ["select"]);
        assert_eq!(words("SEL"), ["SELECT"]);
        assert_eq!(words("select * from sess"), ["session_id", "sessions"]);
        assert_eq!(words("select content_time_s"), ["content_time_spent"]);
        assert_eq!(words("\\d ch"), ["chapters"]);
        assert!(words("select ").is_empty());
    }

    #[test]
    fn columns_are_those_of_the_tables_that_are_named() {
        assert_eq!(words("select count(*) from events where seq"), ["sequence"]);
        assert!(words("select * from events where content_time_s").is_empty());
        assert_eq!(words("select sessions.content_time_s"), ["sessions.content_time_spent"]);
        // Columns that are named before their table is.
        let line = "select ad_na from ads";
        assert!(complete(line, "select ad_na".len()).1.contains(&"ad_name".to_owned()));
    }

    #[test]
    fn the_word_begins_where_the_last_one_ended() {
        assert_eq!(complete("select é,sel", "select é,sel".len()).0, "select é,".len());
        assert_eq!(complete("from é", "from é".len()).1, Vec::<String>::new());
    }
}
