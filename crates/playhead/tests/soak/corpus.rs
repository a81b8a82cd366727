//! Texts that mean harm: every construct of the grammar nested or repeated, every function with arguments too large for it,
//! joins, windows and recursion that never end.

/// How often a construct is nested or repeated.
const TIMES: [usize; 4] = [8, 150, 1_500, 20_000];

/// Constructs that nest: what comes before the core, the core, and what comes behind it.
const NESTED: [(&str, &str, &str); 22] = [
    ("(", "1", ")"),
    ("not ", "true", ""),
    ("- ", "1", ""),
    ("+ ", "1", ""),
    ("case when true then ", "1", " else 1 end"),
    ("cast(", "1", " as int)"),
    ("array[", "1", "]"),
    ("(select ", "1", ")"),
    ("exists(select ", "1", ")"),
    ("coalesce(1,", "1", ")"),
    ("1 in (select ", "1", ")"),
    ("1 between 0 and ", "1", ""),
    ("abs(", "1", ")"),
    ("struct(", "1", ")"),
    ("1 + ", "1", ""),
    ("'a' || ", "'a'", ""),
    ("true and ", "true", ""),
    ("false or ", "false", ""),
    ("1 = ", "1", ""),
    ("interval ", "'1'", ""),
    ("1 is null is ", "null", ""),
    ("extract(epoch from ", "now()", ")"),
];

/// Whole queries that grow by a part: what comes before the parts, a part, and what comes behind.
const REPEATED: [(&str, &str, &str); 14] = [
    ("", "explain ", "select 1"),
    ("select 1", ", 1", ""),
    ("select 1", " union all select 1", ""),
    ("select 1", " intersect select 1", ""),
    ("select count(*) from sessions a0", ", sessions", ""),
    ("select count(*) from sessions", " natural join sessions", ""),
    ("select * from (values (1)", ", (1)", ") t"),
    ("select 1 in (1", ", 1", ")"),
    ("select 1 from sessions group by cube(channel", ", content_id", ")"),
    ("select 1 from sessions order by channel", ", channel", ""),
    ("select ", "row_number() over (order by channel), ", "1 from sessions"),
    ("select regexp_like('a', 'a", "{9}", "')"),
    ("select 'a' like '", "%a_", "'"),
    ("with recursive t as (select 1 a union all select a + 1 from t) select count(*) from t", ", t", ""),
];

/// Queries that work for long or take much, each as it is.
const HEAVY: [&str; 24] = [
    "select count(*) from events a, events b, events c",
    "select count(*) from generate_series(1, 10000000) a, generate_series(1, 10000000) b where a.value % 7 = b.value % 11",
    "with recursive t as (select 1 a union all select a + 1 from t) select count(*) from t",
    "with recursive t as (select 'a' a union all select a || a from t) select max(length(a)) from t",
    "select levenshtein(repeat('a', 60000), repeat('b', 60000))",
    "select regexp_replace(repeat('a', 10000000), 'a', repeat('b', 1000), 'g')",
    "select length(string_agg(repeat('x', 1000000), '') over ()) from generate_series(1, 4000)",
    "select length(string_agg(repeat('x', 1000000), '')) from generate_series(1, 100000)",
    "select count(*) from (select array_agg(repeat('x', 1000000)) over () x from generate_series(1, 4000))",
    "select count(distinct x) from (select array_agg(value) over (order by value) x from generate_series(1, 100000))",
    "select array_concat(array_agg(value), array_agg(value)) from generate_series(1, 100000000)",
    "select concat(repeat('a', 100000000), repeat('b', 100000000), repeat('c', 100000000))",
    "select array_repeat(array_repeat(1, 100000), 100000)",
    "select range(1, 10000000000)",
    "select generate_series(1, 10000000000)",
    "select repeat('x', 2147483647) || repeat('x', 2147483647)",
    "select lpad('x', 2147483647, 'y')",
    "select power(10, 400), exp(100000), factorial(1000000)",
    "select approx_percentile_cont(value, 0.5) over (order by value) from generate_series(1, 1000000)",
    "select median(value) over (order by value rows between unbounded preceding and current row) from generate_series(1, 300000)",
    "select * from generate_series(1, 100000000) order by value desc",
    "select value, count(*) from generate_series(1, 100000000) group by value",
    "select distinct repeat(cast(value as varchar), 1000) from generate_series(1, 10000000)",
    "select array_distinct(array_agg(value)) from generate_series(1, 50000000)",
];

/// Arguments that are too large for a function.
const ARGUMENTS: [&str; 6] = [
    "repeat('a', 10000000)",
    "9223372036854775807",
    "repeat('a', 10000000), 2147483647",
    "repeat('a', 10000000), repeat('a', 100000), 2147483647",
    "range(1, 5000000), range(1, 5000000)",
    "1e308, -1e308",
];

/// All texts; `functions` are those that the engine has.
pub(crate) fn corpus(functions: &[String]) -> Vec<String> {
    let mut texts: Vec<String> = HEAVY.map(str::to_owned).into();
    for times in TIMES {
        for (before, core, behind) in NESTED {
            texts.push(format!("select {}{core}{}", before.repeat(times), behind.repeat(times)));
        }
        for (before, part, behind) in REPEATED {
            texts.push(format!("{before}{}{behind}", part.repeat(times)));
        }
        texts.extend(common_tables(times.min(2_000)));
    }
    for function in functions {
        texts.extend(ARGUMENTS.map(|arguments| format!("select {function}({arguments})")));
    }
    texts
}

/// Queries in `with` that name each other: in a chain, doubled, and each with a long expression.
fn common_tables(count: usize) -> [String; 3] {
    let named = |from: &dyn Fn(usize) -> String| {
        let links: String = (1..count).map(|link| format!(", t{link} as ({})", from(link - 1))).collect();
        format!("with t0 as (select 1 as a){links} select * from t{}", count - 1)
    };
    [
        named(&|before| format!("select a from t{before}")),
        named(&|before| format!("select x.a from t{before} x, t{before} y")),
        named(&|before| format!("select a{} as a from t{before}", " + a".repeat(150))),
    ]
}
