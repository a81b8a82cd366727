import { readFileSync, readdirSync, statSync } from 'node:fs';

/** Where the server makes texts that reach a person, and what there makes texts that go elsewhere: into logs, to other doors. */
const SOURCES: readonly { path: string; elsewhere: readonly string[] }[] = [
  { path: 'protocol/src/json', elsewhere: [] },
  { path: 'protocol/src/v1', elsewhere: ['schema.rs'] },
  {
    path: 'report/src',
    elsewhere: [
      'describe/',
      'filter/mod.rs',
      'functions/state.rs',
      'names/metric_table.rs',
      'output/adobe_feed.rs',
      'sql/dialect/literals.rs',
      'sql/sql_state.rs',
    ],
  },
  {
    path: 'node/src',
    elsewhere: [
      'backup.rs',
      'ingest/proxies.rs',
      'ingest/recovery/',
      'schedules/fonts.rs',
      'schedules/picture/',
      'sessions/mending.rs',
      'sessions/row_schemas.rs',
      'tables/keeper.rs',
      'tables/line',
      'telemetry.rs',
    ],
  },
  { path: 'picture/src/lib.rs', elsewhere: [] },
  // What is damaged is said; what exactly is wrong with its bytes stays as it is.
  { path: 'lake/src/error.rs', elsewhere: [] },
  { path: 'lake/src/delta/stored_file.rs', elsewhere: [] },
  { path: 'journal/src/error.rs', elsewhere: [] },
  {
    path: 'server/src',
    elsewhere: [
      'access/login_cookie.rs',
      'http/api/calls.rs',
      'http/api/kept/body_schemas.rs',
      'http/api/openapi.rs',
      'http/api/request_schemas.rs',
      'http/api/shapes.rs',
      'postgres/',
      'reporter.rs',
      'server.rs',
    ],
  },
];

/** Code before a text that nobody on the page reads. */
const UNREAD = [
  /\blet file = format!\($/,
  /\btracing::\w+!\([^;{}]*$/,
  /\b(reason|context|with|description"?|meaning|MEANING: &str)\s*[:=]\s*(format!\()?$/,
  /\b(panic|assert|debug_assert)!\([^;]*$/,
  /\b(says|before|description|damaged|unreadable|custom|other)\((&?message, )?$/,
  /\bsystem\($/,
  /\bError::Corrupt\(format!\($/,
  /\bUnreplayable\(format!\($/,
  /\bError::Setting\((format!\()?$/,
  /\bresponses::text\([^;]*$/,
];

/** Shapes of texts that are no sentences: types of media, headers, statements of SQL. */
const NO_SENTENCE =
  /^(text|application|public)[/,]|^(event: |default-src|camera=|select |SELECT |\(SELECT |Bearer |HTTP\/)|\n|^[^a-z]*$/;

/** Parts of values, words that are looked for in messages of the engine, and why a server does not start. */
const NOT_SAID = new Set([
  ' and ',
  '{} (of {})',
  'not in',
  'gzip, deflate',
  'regex parse error',
  '{"message":"internal error"}',
  'cannot listen on {}: {}',
]);

const crates = new URL('../../../../crates/', import.meta.url);

export interface ServerText {
  /** The text with `{}` for each value in it. */
  text: string;
  file: string;
  line: number;
}

/** All texts by which the server refuses something, as they stand in its source. */
export function serverTexts(): ServerText[] {
  const found = new Map<string, ServerText>();
  for (const { path, elsewhere } of SOURCES) {
    for (const file of filesBelow(path)) {
      if (/\/tests?(\/|\.rs$)/.test(file)) continue;
      const goesElsewhere = elsewhere.some((start) => file.startsWith(`${path}/${start}`));
      for (const text of textsIn(file, goesElsewhere)) found.set(`${text.file}:${text.line} ${text.text}`, text);
    }
  }
  return [...found.values()];
}

function textsIn(file: string, goesElsewhere: boolean): ServerText[] {
  const source = readFileSync(new URL(file, crates), 'utf8').split(/\n#\[cfg\(test\)\]\nmod /)[0] ?? '';
  const found: ServerText[] = [];
  for (const { text, at } of literals(source)) {
    const before = source.slice(Math.max(0, at - 240), at).replace(/\/\/.*$/gm, '').replace(/\s+/g, ' ').trim();
    if (!isWanting(before) && (goesElsewhere || !isSaid(text, before))) continue;
    found.push({ text: shapeOf(text), file, line: source.slice(0, at).split('\n').length });
  }
  return found;
}

/** What the server has too many of or does not have, which may be a single word. */
const isWanting = (before: string) => /\b(Busy|NotFound)\($/.test(before);

function isSaid(text: string, before: string): boolean {
  if (NO_SENTENCE.test(text) || NOT_SAID.has(shapeOf(text)) || UNREAD.some((code) => code.test(before))) return false;
  // Descriptions of other things begin with a capital or end in a full stop.
  return / /.test(text) && /[a-z]{2}/.test(shapeOf(text)) && !/^[A-Z]|\.$/.test(text);
}

/** A text or a template with the same sign for each value; suggestions are taken off when a message is read. */
export function shapeOf(text: string): string {
  return text
    .replace(/(?<!mean )\{near\}/g, '')
    .replace(/\{\{?[\w.:?]*\}?\}/g, '{}')
    .replace(/(\{\}){2,}/g, '{}');
}

function filesBelow(path: string): string[] {
  if (path.endsWith('.rs')) return [path];
  if (!statSync(new URL(path, crates)).isDirectory()) return [];
  return readdirSync(new URL(`${path}/`, crates)).flatMap((name) => filesBelow(`${path}/${name}`));
}

/** The literals of text in Rust, outside of comments. */
function literals(source: string): { text: string; at: number }[] {
  const token = /\/\/[^\n]*|b?r(#*)"([\s\S]*?)"\1|b?"((?:[^"\\]|\\[\s\S])*)"|'(?:\\[^']*|[^\\'])'/gu;
  const found: { text: string; at: number }[] = [];
  for (const match of source.matchAll(token)) {
    const text = match[2] ?? match[3];
    if (text === undefined) continue;
    const plain = text.replace(/\\\n\s*/g, '').replace(/\\(["'\\])/g, '$1').replaceAll('\\n', '\n');
    found.push({ text: match[2] ?? plain, at: match.index });
  }
  return found;
}
