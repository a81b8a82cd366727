//! Statements that clients in the field send by themselves, and that found no answer.

use crate::support::ServerProcess;
use crate::support::pg_client::PgClient;

const PORT: [&str; 2] = ["--postgres-listen", "127.0.0.1:0"];

/// The type of lists of object ids.
const OID_ARRAY: &str = "1028";

fn client() -> (ServerProcess, PgClient) {
    let server = ServerProcess::start(&PORT);
    let client = PgClient::connect(&server);
    (server, client)
}

#[test]
fn a_whole_float_was_written_with_a_point() {
    let (_server, mut client) = client();
    for (written, expected) in [
        ("8::float8", "8"),
        ("8::float8::text", "8"),
        ("8.5::float4", "8.5"),
        ("1e15::float8", "1e+15"),
        ("'-infinity'::float8::text", "-Infinity"),
        ("array[1, 2.5]::float8[]", "{1,2.5}"),
    ] {
        assert_eq!(client.ask(&format!("select {written}"))[0], format!("row {expected}"), "{written}");
    }
    client.ask("set extra_float_digits = 0");
    assert_eq!(client.ask("select 0.1::float8 + 0.2::float8")[0], "row 0.3");
    let copied = client.ask("copy (select 8::float8) to stdout");
    assert!(copied.contains(&"data 8\n".to_owned()), "{copied:?}");
}

#[test]
fn a_list_of_tables_was_refused_for_a_subquery_in_a_condition_of_a_case() {
    let (_server, mut client) = client();
    // What Grafana asks for its list of tables.
    let is_in_path = "quote_ident(table_schema) in (select case when trim(s[i]) = '\"$user\"' then user else trim(s[i]) end \
                      from generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), \
                      array_upper(string_to_array(current_setting('search_path'),','),1)) as i, \
                      string_to_array(current_setting('search_path'),',') s)";
    let tables = client.ask(&format!(
        "select case when {is_in_path} then quote_ident(table_name) \
         else quote_ident(table_schema) || '.' || quote_ident(table_name) end as \"table\" \
         from information_schema.tables \
         where quote_ident(table_schema) not in ('information_schema', 'pg_catalog', '_timescaledb_cache') \
         order by case when {is_in_path} then 0 else 1 end, 1"
    ));
    assert_eq!(&tables[..2], ["row ads", "row chapters"], "{tables:?}");
    assert!(tables.contains(&"row sessions".to_owned()), "{tables:?}");
}

#[test]
fn a_subquery_that_exists_was_no_column() {
    let (_server, mut client) = client();
    // pgcli asks so for `\db`.
    let asked = "select exists(select * from pg_proc where proname = 'pg_tablespace_location')";
    assert!(["row t", "row f"].contains(&client.ask(asked)[0].as_str()));
    for (query, expected) in [
        ("select exists(select 1 from sessions)", "row f"),
        ("select not exists(select 1 from sessions)", "row t"),
        ("select exists(select max(ad_count) from sessions)", "row t"),
        ("select exists(select 1 limit 0)", "row f"),
        ("select case when exists(select 1) then 'yes' end", "row yes"),
        ("select case when 3 in (select 1 union all select null) then 1 else 0 end", "row 0"),
        ("select case when 1 in (select 1 union all select null) and true then 1 else 0 end", "row 1"),
        (
            "select exists(select 1 from generate_series(1, 3) g(x) where g.x = t.y) from generate_series(3, 4) t(y) order by t.y",
            "row t",
        ),
    ] {
        assert_eq!(client.ask(query)[0], expected, "{query}");
    }
}

#[test]
fn mappings_of_users_were_no_table() {
    let (_server, mut client) = client();
    // `\deu` of psql.
    let asked = "select um.srvname as \"Server\", um.usename as \"User name\" from pg_catalog.pg_user_mappings um order by 1, 2";
    assert_eq!(client.ask(asked), ["SELECT 0"]);
}

#[test]
fn a_client_that_looks_a_type_up_had_to_look_up_the_list_of_types_first() {
    let (_server, mut client) = client();
    client.parse("", "select typname from pg_type where oid = any($1::oid[])", &[]);
    client.bind("", "", &[Some("{1016}")], &[]);
    client.send(b'D', b"S\0");
    client.execute("", 0);
    let told = client.sync();
    assert_eq!(told[0], format!("parameters {OID_ARRAY}"));
    assert!(told.contains(&"row _int8".to_owned()), "{told:?}");
}

#[test]
fn a_day_with_a_zone_behind_it_was_no_day() {
    let (_server, mut client) = client();
    // pgjdbc writes days so in its simple mode.
    for (query, expected) in [
        ("select date '2026-11-30' = '2026-11-30 +00'", "row t"),
        ("select '2026-11-30 +02'::date", "row 2026-11-30"),
        ("select date '2026-11-30' between '2026-11-30 +00' and '2026-12-01 +05:30'", "row t"),
        ("select date '2026-11-30' in ('2026-11-30 +00', '2026-12-01 -08')", "row t"),
        ("select count(*) from sessions where day < '2100-01-01 +00'", "row 0"),
        ("select count(*) from sessions where '2100-01-01 +00' > started_at::date", "row 0"),
    ] {
        assert_eq!(client.ask(query)[0], expected, "{query}");
    }
    assert!(client.ask("select '2026-11-30 noon'::date")[0].starts_with("error"));
}
