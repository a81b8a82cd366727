import type { Catalogue } from '../../api/catalogue';
import type { Filter, FilterValue } from '../../api/query';
import { dimensionNamed, METADATA_PREFIX } from '../../filters/scopeFilters';

/** Content types that count as audio where a session does not say what it is. */
const AUDIO_TYPES = ['song', 'podcast', 'audiobook', 'radio', 'aod'];

/** The rows of `sessions` that a scope is about, for a statement. */
export interface SqlCondition {
  /** The condition after `where`. */
  text: string;
  /** Dimensions of filters that could not be written. */
  leftOut: string[];
}

interface SqlScope {
  fromMs: number;
  toMs: number;
  segment: string;
  filters: readonly Filter[];
}

export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function momentLiteral(ms: number): string {
  return `timestamptz ${textLiteral(new Date(ms).toISOString())}`;
}

/** The scope as a condition on rows of `sessions`. It means the same as in queries for metrics. */
export function sqlCondition({ fromMs, toMs, segment, filters }: SqlScope, catalogue: Catalogue): SqlCondition {
  const parts = [`started_at >= ${momentLiteral(fromMs)}`, `started_at < ${momentLiteral(toMs)}`];
  const leftOut: string[] = [];
  if (segment !== 'all') parts.push(segmentSql(segment));
  for (const filter of filters) {
    const text = filterSql(filter, catalogue);
    if (text === null) leftOut.push(...dimensionsOf(filter));
    else parts.push(text);
  }
  return { text: parts.join('\n  and '), leftOut: [...new Set(leftOut)] };
}

function segmentSql(segment: string): string {
  const audio = `lower(content_type) in (${AUDIO_TYPES.map(textLiteral).join(', ')})`;
  if (segment === 'audio') return `(lower(stream_type) = 'audio' or (stream_type is null and ${audio}))`;
  if (segment === 'video') return `(lower(stream_type) = 'video' or (stream_type is null and (${audio}) is not true))`;
  return `lower(content_type) = ${textLiteral(segment.toLowerCase())}`;
}

function dimensionsOf(filter: Filter): string[] {
  if ('and' in filter) return filter.and.flatMap(dimensionsOf);
  if ('or' in filter) return filter.or.flatMap(dimensionsOf);
  return [filter.dimension];
}

/** Null when it cannot be written. */
function filterSql(filter: Filter, catalogue: Catalogue): string | null {
  if ('and' in filter || 'or' in filter) {
    const parts = ('and' in filter ? filter.and : filter.or).map((part) => filterSql(part, catalogue));
    if (parts.length === 0 || parts.includes(null)) return null;
    return `(${parts.join('and' in filter ? ' and ' : ' or ')})`;
  }
  const entry = dimensionNamed(catalogue, filter.dimension);
  // The timeline is found from several columns, and is none itself.
  if (!entry || entry.type === 'time' || entry.name === 'timeline') return null;
  const column = columnSql(entry.name);
  if (filter.operator === 'exists') return existsSql(column, entry.is_list, filter.value !== false);
  const given = filter.values ?? (filter.value === undefined ? [] : [filter.value]);
  const literals = given.map((value) => valueSql(value, entry.is_caseless));
  const [first] = literals;
  if (first === undefined) return null;
  const value = entry.is_caseless ? `lower(${column})` : column;
  const isOneOf = entry.is_list
    ? `(${literals.map((literal) => `array_has(${value}, ${literal})`).join(' or ')})`
    : `(${value} in (${literals.join(', ')}))`;
  switch (filter.operator) {
    case '=':
    case 'in':
      return isOneOf;
    // An unknown value is not the named value.
    case '!=':
    case 'not in':
      return `(${isOneOf} is not true)`;
    case 'contains': {
      if (entry.type !== 'text') return null;
      const whole = entry.is_list ? `array_to_string(${value}, chr(31))` : value;
      return `contains(${whole}, ${first})`;
    }
    default:
      return entry.is_list ? null : `${value} ${filter.operator} ${first}`;
  }
}

function columnSql(name: string): string {
  if (!name.startsWith(METADATA_PREFIX)) return quotedName(name);
  return `custom_metadata[${textLiteral(name.slice(METADATA_PREFIX.length))}]`;
}

function existsSql(column: string, isList: boolean, isWanted: boolean): string {
  if (!isList) return `${column} is ${isWanted ? 'not ' : ''}null`;
  return isWanted ? `array_length(${column}) > 0` : `((array_length(${column}) > 0) is not true)`;
}

function valueSql(value: FilterValue, isCaseless: boolean): string {
  if (typeof value !== 'string') return String(value);
  return textLiteral(isCaseless ? value.toLowerCase() : value);
}
