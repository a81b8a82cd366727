// One session of node-postgres with a server: reads what to ask as JSON, prints what it got as JSON.

import { readFileSync } from "node:fs";
import pg from "pg";
import Cursor from "pg-cursor";

const asked = JSON.parse(readFileSync(0, "utf8"));
const { host, port, user, password, database } = asked;
const address = { host, port, user, password, database };
const rowsOf = async (client, text, values) => (await client.query({ text, values, rowMode: "array" })).rows;
const found = {};

const client = new pg.Client(address);
await client.connect();
found.numbers = await rowsOf(client, asked.numbers);

found.counts = {};
for (const table of asked.tables) {
  found.counts[table] = (await rowsOf(client, `select * from ${table}`)).length;
}

const cursor = client.query(new Cursor("select g::int from generate_series(1, 2000) as t(g) where g <= $1::int order by g", [1050], { rowMode: "array" }));
found.cursor = [];
for (let rows = await cursor.read(100); rows.length > 0; rows = await cursor.read(100)) {
  found.cursor.push(...rows.map((row) => row[0]));
}
await cursor.close();

const text = "select $1::int, $2::text, $3::text, session_id = any($4::text[]) from sessions limit 1";
const [[first]] = await rowsOf(client, "select session_id from sessions limit 1");
await client.query("begin read only");
found.parameters = (await rowsOf(client, text, [7, "b", null, [first, "x"]]))[0];
await client.query("commit");
found.parameters[3] = typeof found.parameters[3] === "boolean";

const [row] = await rowsOf(client, "select started_at, diagnoses, content_time_spent, ad_count, content_start from sessions limit 1");
found.types = row.map((value) => typeof value);

found.mistakes = [];
for (const mistake of ["select nothing from sessions", "select * from nothing", "selec 1", "select 1 / 0"]) {
  await client.query(mistake).catch((error) => found.mistakes.push(error.code));
}
const named = { name: "again", text: "select $1::int", values: [1], rowMode: "array" };
await client.query(named);
await client.query(named);
await client.end();

const limited = new pg.Client({ ...address, statement_timeout: 300 });
await limited.connect();
await limited.query(asked.endless).catch((error) => (found.timed_out = error.code));
await limited.end();

const secure = new pg.Client({ ...address, ssl: { ca: asked.ca } });
await secure.connect();
found.numbers_over_tls = await rowsOf(secure, asked.numbers);
await secure.end();

const pool = new pg.Pool({ ...address, max: 3 });
const answers = await Promise.all(Array.from({ length: 6 }, () => rowsOf(pool, asked.numbers)));
found.numbers_of_pool = answers[5];
await pool.end();

console.log(JSON.stringify(found));
