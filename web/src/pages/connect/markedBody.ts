import type { Fault } from '../../api/client';

/** One line of a body, pretty-printed. */
export interface BodyLine {
  depth: number;
  text: string;
  /** The faults at this line. */
  faults: Fault[];
  /** Whether the line is not in the body: a key that is missing from it. */
  isMissing: boolean;
}

const MOST_LINES = 400;
const MOST_STRING = 300;

/** A body as lines with its faults at their places; null if it is not JSON. */
export function markedBody(body: string, faults: readonly Fault[]): BodyLine[] | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  const left = new Map<string, Fault[]>();
  for (const fault of faults) left.set(fault.path, [...(left.get(fault.path) ?? []), fault]);
  const lines: BodyLine[] = [];
  const take = (path: string) => {
    const found = left.get(path) ?? [];
    left.delete(path);
    return found;
  };

  const write = (item: unknown, path: string, depth: number, before: string, after: string) => {
    if (lines.length >= MOST_LINES) return;
    const here = take(path);
    const isList = Array.isArray(item);
    if (typeof item !== 'object' || item === null) {
      lines.push({ depth, text: `${before}${scalar(item)}${after}`, faults: here, isMissing: false });
      return;
    }
    const entries: [string, unknown][] = isList
      ? item.map((inner, place) => [String(place), inner])
      : Object.entries(item);
    const missing = missingIn(path, entries, left);
    const [open, close] = isList ? ['[', ']'] : ['{', '}'];
    if (entries.length === 0 && missing.length === 0) {
      lines.push({ depth, text: `${before}${open}${close}${after}`, faults: here, isMissing: false });
      return;
    }
    lines.push({ depth, text: `${before}${open}`, faults: here, isMissing: false });
    entries.forEach(([key, inner], place) => {
      const comma = place < entries.length - 1 ? ',' : '';
      write(inner, `${path}/${escapeToken(key)}`, depth + 1, isList ? '' : `${scalar(key)}: `, comma);
    });
    for (const { token, faults: ofKey } of missing) {
      lines.push({ depth: depth + 1, text: scalar(token), faults: ofKey, isMissing: true });
    }
    lines.push({ depth, text: `${close}${after}`, faults: [], isMissing: false });
  };
  write(value, '', 0, '', '');

  // Faults at places that the body does not have at all.
  for (const [path, ofPath] of left) lines.push({ depth: 0, text: path, faults: ofPath, isMissing: true });
  return lines;
}

/** Faults about keys that an object does not have. */
function missingIn(path: string, entries: [string, unknown][], left: Map<string, Fault[]>) {
  const known = new Set(entries.map(([key]) => key));
  const missing: { token: string; faults: Fault[] }[] = [];
  for (const [faultPath, faults] of left) {
    if (!faultPath.startsWith(`${path}/`)) continue;
    // With a key that is missing, all below it is.
    const rest = faultPath.slice(path.length + 1).split('/').map(unescapeToken);
    const [first = ''] = rest;
    if (known.has(first)) continue;
    missing.push({ token: rest.join(' › '), faults });
    left.delete(faultPath);
  }
  return missing;
}

function scalar(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.length <= MOST_STRING ? text : `${text.slice(0, MOST_STRING)}…`;
}

function escapeToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The place in a text that a parser's message names (`at line 1 column 52`), as an offset; null when it names none. */
export function placeOfSyntaxError(body: string, messages: readonly string[]): number | null {
  for (const message of messages) {
    const [, line, column] = /line (\d+),? column (\d+)/.exec(message) ?? [];
    if (line === undefined || column === undefined) continue;
    const lines = body.split('\n').slice(0, Number(line) - 1);
    const before = lines.reduce((sum, text) => sum + text.length + 1, 0);
    return Math.min(Math.max(before + Number(column) - 1, 0), body.length);
  }
  return null;
}
