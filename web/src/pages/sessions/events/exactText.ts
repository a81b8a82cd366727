import type { Format } from '../../../format/format';
import { NOTHING } from '../../../format/format';

const formatters = new Map<string, Intl.NumberFormat>();

/** Seconds to the millisecond: here it is about where each of them went. */
export function exactSeconds(format: Format, seconds: number): string {
  let formatter = formatters.get(format.locale);
  if (!formatter) {
    const options = { style: 'unit', unit: 'second', unitDisplay: 'narrow', maximumFractionDigits: 3 } as const;
    formatter = new Intl.NumberFormat(format.locale, options);
    formatters.set(format.locale, formatter);
  }
  return formatter.format(seconds);
}

/** A place in the session, with as many digits as a step between two places needs. */
export function offsetText(offsetMs: number, stepMs: number, format: Format): string {
  const clock = format.clock(Math.floor(offsetMs / 1000 + 1e-9));
  if (stepMs >= 1_000) return clock;
  const digits = stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
  return `${clock}${((offsetMs % 1000) / 1000).toFixed(digits).slice(1)}`;
}

const SECONDS = /(_time_spent|_duration|^unique_time_played|^time_played|_length|_offset|^playhead)$/;

interface Words {
  yes: string;
  no: string;
  items: (count: number) => string;
}

/** The value of a column, in few characters. Texts are the player's own. */
export function columnText(name: string, value: unknown, format: Format, words: Words): string {
  if (value === null || value === undefined) return NOTHING;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number') {
    if (SECONDS.test(name)) return exactSeconds(format, value);
    if (name === 'time_to_start_ms') return format.milliseconds(value);
    if (name === 'clock_offset_ms') return exactSeconds(format, value / 1_000);
    return format.number(value, 4);
  }
  if (typeof value === 'string') return /_at$|^at$/.test(name) ? format.exactTime(value) : value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  if (value.length === 0) return NOTHING;
  return value.every((item) => typeof item === 'string') ? value.join(', ') : words.items(value.length);
}
