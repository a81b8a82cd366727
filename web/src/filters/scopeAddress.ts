import type { FilterValue, Operator } from '../api/query';
import { isZone } from '../time/zone';
import { defaultScope, PRESETS, takesSeveral, type Comparison, type Preset, type Range, type Scope, type ScopeFilter } from './scope';

/** Operators as the address names them. */
const OPERATOR_WORDS: readonly (readonly [Operator, string])[] = [
  ['=', 'is'],
  ['!=', 'is_not'],
  ['in', 'in'],
  ['not in', 'not_in'],
  ['contains', 'contains'],
  ['exists', 'exists'],
  ['>', 'gt'],
  ['>=', 'gte'],
  ['<', 'lt'],
  ['<=', 'lte'],
];

const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$/;
const MOST_FILTERS = 50;

/**
 * The scope as pairs of an address. Defaults are left out, but for the zone: it is another one for another reader, and days
 * would be too.
 */
export function encodeScope(scope: Scope): [string, string][] {
  const usual = defaultScope(scope.timeZone);
  const pairs: [string, string][] = [];
  const range = 'preset' in scope.range ? scope.range.preset : `${scope.range.from}..${scope.range.to}`;
  if (!('preset' in scope.range && scope.range.preset === (usual.range as { preset: Preset }).preset)) {
    pairs.push(['range', range]);
  }
  pairs.push(['tz', scope.timeZone]);
  if (scope.compared !== null) pairs.push(['compare', encodeComparison(scope.compared)]);
  if (scope.segment !== usual.segment) pairs.push(['segment', scope.segment]);
  for (const filter of scope.filters) pairs.push(['f', encodeFilter(filter)]);
  return pairs;
}

/** The scope of an address. Invalid values count as absent. */
export function decodeScope(params: URLSearchParams, usualZone: string): Scope {
  const usual = defaultScope(usualZone);
  const zone = params.get('tz');
  const filters = params.getAll('f').slice(0, MOST_FILTERS).map(decodeFilter);
  return {
    range: decodeRange(params.get('range')) ?? usual.range,
    timeZone: zone !== null && isZone(zone) ? zone : usual.timeZone,
    compared: decodeComparison(params.get('compare')),
    segment: params.get('segment') || usual.segment,
    filters: filters.filter((filter) => filter !== null),
  };
}

function decodeRange(text: string | null): Range | null {
  if (text === null) return null;
  const preset = PRESETS.find((known) => known === text);
  if (preset) return { preset };
  const [from = '', to = '', ...more] = text.split('..');
  const isRange = more.length === 0 && [from, to].every((part) => MOMENT.test(part) && isOfCalendar(part));
  if (!isRange || from.length > 10 !== to.length > 10) return null;
  const isOrdered = from.length > 10 ? from < to : from <= to;
  return isOrdered ? { from, to } : null;
}

/** `1` is the period before, the first comparison that there was. */
function encodeComparison(comparison: Comparison): string {
  if (typeof comparison !== 'string') return comparison.from;
  return comparison === 'previous' ? '1' : comparison;
}

function decodeComparison(text: string | null): Comparison | null {
  if (text === '1') return 'previous';
  if (text === 'week' || text === 'year') return text;
  return text !== null && text.length === 10 && MOMENT.test(text) && isOfCalendar(text) ? { from: text } : null;
}

function isOfCalendar(moment: string): boolean {
  const ms = Date.parse(moment.length > 10 ? `${moment}Z` : `${moment}T00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(moment.slice(0, 10));
}

/** `dimension:operator:value,value`, such as `channel:in:web,tv`. */
export function encodeFilter({ dimension, operator, values }: ScopeFilter): string {
  const word = OPERATOR_WORDS.find(([known]) => known === operator)?.[1] ?? 'is';
  return `${escape(dimension)}:${word}:${values.map(encodeValue).join(',')}`;
}

export function decodeFilter(text: string): ScopeFilter | null {
  const [dimension, word, ...more] = splitAt(text, ':');
  const operator = OPERATOR_WORDS.find(([, known]) => known === word)?.[0];
  if (!dimension || !operator || more.length === 0) return null;
  // A colon within values does no harm.
  const values = splitAt(more.join(':'), ',').map(decodeValue);
  if (operator === 'exists') {
    const [value] = values;
    return typeof value === 'boolean' ? { dimension: unescape(dimension), operator, values: [value] } : null;
  }
  if (!takesSeveral(operator) && values.length !== 1) return null;
  return { dimension: unescape(dimension), operator, values };
}

/** Numbers and booleans stand as they are; a text that looks like one, or begins with a quote, gets a quote before it. */
function encodeValue(value: FilterValue): string {
  if (typeof value !== 'string') return String(value);
  const escaped = escape(value);
  return value.startsWith("'") || typeof plainValue(value) !== 'string' ? `'${escaped}` : escaped;
}

function decodeValue(text: string): FilterValue {
  if (text.startsWith("'")) return unescape(text.slice(1));
  return plainValue(unescape(text));
}

function plainValue(text: string): FilterValue {
  if (text === 'true') return true;
  if (text === 'false') return false;
  const number = Number(text);
  return text !== '' && String(number) === text && Number.isFinite(number) ? number : text;
}

function escape(text: string): string {
  return text.replace(/[\\:,]/g, (character) => `\\${character}`);
}

function unescape(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

/** Parts between separators that are not escaped; the parts stay escaped. */
function splitAt(text: string, separator: string): string[] {
  const parts = [''];
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place] ?? '';
    if (character === separator) {
      parts.push('');
      continue;
    }
    const isEscape = character === '\\' && place + 1 < text.length;
    parts[parts.length - 1] += isEscape ? character + text[++place] : character;
  }
  return parts;
}

/** Pairs as the query of an address, with the characters left readable that may stand there as they are. */
export function queryText(pairs: Iterable<readonly [string, string]>): string {
  const readable = (text: string) =>
    encodeURIComponent(text).replace(/%(3A|2C|2F|40)/g, (code) => decodeURIComponent(code));
  const texts = Array.from(pairs, ([name, value]) => `${readable(name)}=${readable(value)}`);
  return texts.length === 0 ? '' : `?${texts.join('&')}`;
}
