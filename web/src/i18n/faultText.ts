import type en from './en';

export type FaultKey = keyof (typeof en)['shell']['faults'];

export interface FaultText {
  key: FaultKey;
  values: Record<string, string>;
  /** The name that was probably meant. */
  near: string | null;
}

/** The common messages of the server, which speaks English, with the names of what they hold. */
const PATTERNS: readonly (readonly [RegExp, FaultKey, ...string[]])[] = [
  [/^is required$/, 'required'],
  [/^is given twice$/, 'twice'],
  [/^must be true or false$/, 'boolean'],
  [/^must be one of (.+?)(?:, not .+)?$/, 'oneOf', 'list'],
  [/^names no metric: (.+)$/, 'metric', 'name'],
  [/^names no dimension: (.+)$/, 'dimension', 'name'],
  [/^names no time zone: (.+)$/, 'zone', 'name'],
  [/^is before from$/, 'order'],
  [/^is neither a date nor a time: (.+?);/, 'time', 'value'],
  [/^must be (?:an? )?(.+?), is (?:an? )?(.+)$/, 'type', 'wanted', 'found'],
  [/^has an unknown key: ([^(]+)/, 'key', 'name'],
  [/not documented/, 'undocumented'],
  [/^makes more than ([\d,]+) buckets of this range/, 'buckets', 'most'],
  [/^is not (?:valid )?JSON/, 'json'],
  [/^is longer than ([\d,]+) bytes$/, 'longer', 'most'],
  [/^must hold 1 to ([\d,]+) values$/, 'values', 'most'],
  [/^has ([\d,]+) more faults$/, 'more', 'more'],
];

/** What a message of the server says, for saying it in another language; null for one that is not common. */
export function faultText(message: string): FaultText | null {
  if (message.length > 2_000) return null;
  const near = / \(did you mean (.+)\?\)/.exec(message);
  const plain = near ? message.replace(near[0], '') : message;
  for (const [pattern, key, ...names] of PATTERNS) {
    const found = pattern.exec(plain);
    if (!found) continue;
    const values = Object.fromEntries(names.map((name, place) => [name, found[place + 1]?.trim() ?? '']));
    return { key, values, near: near?.[1] ?? null };
  }
  return null;
}
