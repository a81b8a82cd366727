import { SQLDialect } from '@codemirror/lang-sql';

const KEYWORDS = `all and any array as asc at between both by case cast collate cross cube current_date current_time
current_timestamp date day desc describe distinct else end epoch escape except exclude exists explain extract false fetch
filter first following for from full grouping group having hour ilike in inner intersect interval into is join last lateral
leading left like limit minute month natural next not null nulls offset on or order outer over partition position preceding
qualify quarter range recursive respect right rollup row rows second select sets show similar substring table then time
timestamp to trailing trim true unbounded union unnest using values week when where window with within without year zone`;

const TYPES = `bigint boolean bytea char date decimal double float int integer interval numeric precision real smallint
string text time timestamp timestamptz tinyint varchar`;

const BUILTIN = `abs approx_distinct approx_percentile_cont array_agg array_length avg bool_and bool_or ceil coalesce concat
corr count date_bin date_part date_trunc dense_rank first_value floor greatest json lag last_value lead least length lower
max median min now nullif percent_rank power rank regexp_like replace round row_number split_part sqrt stddev
string_agg strpos substr sum to_char to_timestamp upper variance`;

/** DataFusion's SQL, which is close to that of PostgreSQL. */
export const DATAFUSION = SQLDialect.define({
  keywords: KEYWORDS.replace(/\s+/g, ' '),
  types: TYPES.replace(/\s+/g, ' '),
  builtin: BUILTIN.replace(/\s+/g, ' '),
  operatorChars: '+-*<>=~!@%^&|`?/',
  doubleQuotedStrings: false,
  identifierQuotes: '"',
});
