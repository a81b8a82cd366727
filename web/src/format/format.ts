import type { Unit } from '../api/catalogue';
import { timeWriter } from '../time/zone';
import { isPlainRatio } from './metricKinds';

/** A value that is not there. */
export const NOTHING = '–';

export type Moment = string | number | Date;
type MaybeNumber = number | null | undefined;

/** Numbers, durations and times as the reader's locale writes them. Missing and infinite values become a dash. */
export interface Format {
  locale: string;
  timeZone: string;
  number(value: MaybeNumber, digits?: number): string;
  /** At most about five characters: 1.2K, 3.4M. */
  compact(value: MaybeNumber): string;
  percent(share: MaybeNumber, digits?: number): string;
  /** A change with its sign: +12.3 %. */
  change(share: MaybeNumber): string;
  /** In words: 1h 12m, 45.2s. */
  duration(seconds: MaybeNumber): string;
  /** As a clock: 1:12:03. */
  clock(seconds: MaybeNumber): string;
  milliseconds(ms: MaybeNumber): string;
  bytes(value: MaybeNumber): string;
  /** In the player's unit. */
  bitrate(value: MaybeNumber): string;
  date(moment: Moment | null | undefined): string;
  time(moment: Moment | null | undefined): string;
  /** With seconds. */
  timeOfDay(moment: Moment | null | undefined): string;
  dateTime(moment: Moment | null | undefined): string;
  /** To the millisecond. */
  exactTime(moment: Moment | null | undefined): string;
  /** How long ago: 5 minutes ago. */
  ago(moment: Moment, nowMs?: number): string;
  /** A value by the unit that the catalogue gives. */
  unit(value: MaybeNumber, unit: Unit, metric?: string): string;
  /** The same in few characters, for axes and tiles. */
  unitShort(value: MaybeNumber, unit: Unit, metric?: string): string;
}

const cache = new Map<string, Format>();

export function formatFor(locale: string, timeZone: string): Format {
  const key = `${locale} ${timeZone}`;
  let format = cache.get(key);
  if (!format) {
    format = create(locale, timeZone);
    cache.set(key, format);
  }
  return format;
}

function isThere(value: MaybeNumber): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function create(locale: string, timeZone: string): Format {
  const numbers = new Map<string, Intl.NumberFormat>();
  const withOptions = (name: string, options: Intl.NumberFormatOptions) => {
    let formatter = numbers.get(name);
    if (!formatter) {
      formatter = new Intl.NumberFormat(locale, options);
      numbers.set(name, formatter);
    }
    return formatter;
  };
  const times = new Map<string, (ms: number) => string>();
  const written = (moment: Moment | null | undefined, name: string, options: Intl.DateTimeFormatOptions) => {
    if (moment === null || moment === undefined) return NOTHING;
    const ms = new Date(moment).getTime();
    if (Number.isNaN(ms)) return NOTHING;
    let write = times.get(name);
    if (!write) {
      write = timeWriter(locale, options, timeZone);
      times.set(name, write);
    }
    return write(ms);
  };
  const inUnit = (value: number, unit: string, digits = 0) =>
    withOptions(`${unit} ${digits}`, {
      style: 'unit',
      unit,
      unitDisplay: 'narrow',
      maximumFractionDigits: digits,
    }).format(value);
  // Parts stand apart as a number and its unit do.
  const between = locale.startsWith('zh') && !/\s/.test(inUnit(1, 'hour')) ? '' : ' ';

  const number = (value: MaybeNumber, digits = 2) =>
    isThere(value) ? withOptions(`number ${digits}`, { maximumFractionDigits: digits }).format(value) : NOTHING;

  const compact = (value: MaybeNumber) => {
    if (!isThere(value)) return NOTHING;
    if (Math.abs(value) < 10_000) return number(value, Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
    return withOptions('compact', { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
  };

  const percent = (share: MaybeNumber, digits = 1) =>
    isThere(share)
      ? withOptions(`percent ${digits}`, { style: 'percent', maximumFractionDigits: digits }).format(share)
      : NOTHING;

  const duration = (seconds: MaybeNumber): string => {
    if (!isThere(seconds)) return NOTHING;
    if (seconds < 0) return `−${duration(-seconds)}`;
    if (seconds < 60) return inUnit(seconds, 'second', seconds < 10 ? 2 : 1);
    if (seconds >= 36_000_000) {
      return withOptions('compact hours', {
        style: 'unit',
        unit: 'hour',
        unitDisplay: 'narrow',
        notation: 'compact',
        maximumSignificantDigits: 3,
      }).format(seconds / 3600);
    }
    if (seconds >= 360_000) return inUnit(seconds / 3600, 'hour');
    const whole = Math.round(seconds);
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
    const parts = hours > 0 ? [inUnit(hours, 'hour')] : [];
    if (minutes > 0 || hours === 0) parts.push(inUnit(minutes, 'minute'));
    if (hours === 0 && rest > 0) parts.push(inUnit(rest, 'second'));
    return parts.join(between);
  };

  const clock = (seconds: MaybeNumber): string => {
    if (!isThere(seconds)) return NOTHING;
    const whole = Math.round(Math.abs(seconds));
    const two = (part: number) => String(part).padStart(2, '0');
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
    const text = hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
    return seconds < 0 && whole > 0 ? `−${text}` : text;
  };

  const milliseconds = (ms: MaybeNumber) => {
    if (!isThere(ms)) return NOTHING;
    if (Math.abs(ms) >= 60_000) return duration(ms / 1000);
    return Math.abs(ms) >= 1000 ? inUnit(ms / 1000, 'second', 2) : inUnit(ms, 'millisecond');
  };

  const bytes = (value: MaybeNumber) => {
    if (!isThere(value)) return NOTHING;
    const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
    let size = value;
    let place = 0;
    while (Math.abs(size) >= 1000 && place < units.length - 1) {
      size /= 1000;
      place += 1;
    }
    return withOptions(`bytes ${place}`, {
      style: 'unit',
      unit: units[place] ?? 'byte',
      unitDisplay: place === 0 ? 'long' : 'short',
      maximumFractionDigits: 1,
    }).format(size);
  };

  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const ago = (moment: Moment, nowMs = Date.now()) => {
    const seconds = Math.round((new Date(moment).getTime() - nowMs) / 1000);
    const size = Math.abs(seconds);
    if (size < 60) return relative.format(seconds, 'second');
    if (size < 3600) return relative.format(Math.trunc(seconds / 60), 'minute');
    if (size < 86_400) return relative.format(Math.trunc(seconds / 3600), 'hour');
    return relative.format(Math.trunc(seconds / 86_400), 'day');
  };

  const unit = (value: MaybeNumber, of: Unit, metric?: string): string => {
    switch (of) {
      case 'seconds':
        return duration(value);
      case 'ms':
        return milliseconds(value);
      case 'ratio':
        // Of small shares one digit would say too little, such as on the axis of rebuffering ratios.
        return isPlainRatio(metric) ? number(value) : percent(value, isThere(value) && Math.abs(value) < 0.01 ? 2 : 1);
      case 'bitrate':
        return number(value, 0);
      case 'points':
      case 'frames_per_second':
      case 'viewers':
        return number(value, 1);
      default:
        return number(value, 0);
    }
  };

  const unitShort = (value: MaybeNumber, of: Unit, metric?: string): string =>
    of === 'count' || of === 'frames' || of === 'viewers' || of === 'bitrate'
      ? compact(value)
      : unit(value, of, metric);

  return {
    locale,
    timeZone,
    number,
    compact,
    percent,
    change: (share) =>
      isThere(share)
        ? withOptions(`change ${Math.abs(share) < 0.1}`, {
            style: 'percent',
            maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0,
            signDisplay: 'exceptZero',
          }).format(share)
        : NOTHING,
    duration,
    clock,
    milliseconds,
    bytes,
    bitrate: (value) => number(value, 0),
    date: (moment) => written(moment, 'date', { dateStyle: 'medium' }),
    time: (moment) => written(moment, 'time', { timeStyle: 'short' }),
    timeOfDay: (moment) => written(moment, 'timeOfDay', { timeStyle: 'medium' }),
    dateTime: (moment) => written(moment, 'dateTime', { dateStyle: 'medium', timeStyle: 'short' }),
    exactTime: (moment) =>
      written(moment, 'exact', {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: 'numeric',
        minute: '2-digit',
        second: '2-digit',
        fractionalSecondDigits: 3,
      }),
    ago,
    unit,
    unitShort,
  };
}
