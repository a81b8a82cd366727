import { serverOffsetMs } from './serverClocks';

let zoneOfBrowser: string | null = null;

/** The browser's time zone, as it was when the page was loaded: asking for it is slow. */
export function browserZone(): string {
  zoneOfBrowser ??= Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  return zoneOfBrowser;
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** All zones that there are, UTC first. */
export function allZones(): string[] {
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC');
  const own = browserZone();
  if (!zones.includes(own) && own !== 'UTC') zones.push(own);
  return ['UTC', ...zones.sort()];
}

/** A moment as the clocks of a zone show it. */
export interface WallClock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

export function wallClock(ms: number, zone: string): WallClock {
  const aheadMs = serverOffsetMs(ms, zone);
  if (aheadMs !== null) {
    const shown = new Date(ms + aheadMs);
    return {
      year: shown.getUTCFullYear(),
      month: shown.getUTCMonth() + 1,
      day: shown.getUTCDate(),
      hour: shown.getUTCHours(),
      minute: shown.getUTCMinutes(),
      second: shown.getUTCSeconds(),
    };
  }
  const clock: WallClock = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatterOf(zone).formatToParts(ms)) {
    if (type in clock) clock[type as keyof WallClock] = Number(value);
  }
  return clock;
}

/** Writes moments as the clocks of a zone show them. */
export function timeWriter(locale: string, options: Intl.DateTimeFormatOptions, zone: string): (ms: number) => string {
  const formatters: { browser?: Intl.DateTimeFormat; server?: Intl.DateTimeFormat } = {};
  return (ms) => {
    const aheadMs = serverOffsetMs(ms, zone);
    if (aheadMs === null) {
      formatters.browser ??= new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
      return formatters.browser.format(ms);
    }
    formatters.server ??= new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
    return formatters.server.format(ms + aheadMs);
  };
}

/** How far the clocks of a zone are ahead of UTC at a moment, ms. */
export function offsetMs(ms: number, zone: string): number {
  const aheadMs = serverOffsetMs(ms, zone);
  if (aheadMs !== null) return aheadMs;
  const clock = wallClock(ms, zone);
  const shown = Date.UTC(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute, clock.second);
  return shown - Math.floor(ms / 1000) * 1000;
}

/** The moment at which the clocks of a zone show a time (`2026-11-01` or `2026-11-01T10:30`), ms. */
export function momentOf(local: string, zone: string): number {
  const shown = Date.parse(`${local.includes('T') ? local : `${local}T00:00`}Z`);
  // The offset depends on the moment, which depends on the offset: twice is enough around changes of clocks.
  const near = shown - offsetMs(shown, zone);
  return shown - offsetMs(near, zone);
}

const two = (part: number) => String(part).padStart(2, '0');

/** The date in a zone, `2026-11-01`. */
export function dateIn(ms: number, zone: string): string {
  const { year, month, day } = wallClock(ms, zone);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** Date and time in a zone, `2026-11-01T10:30`, with seconds where there are some. */
export function dateTimeIn(ms: number, zone: string): string {
  const { hour, minute, second } = wallClock(ms, zone);
  const seconds = second === 0 ? '' : `:${two(second)}`;
  return `${dateIn(ms, zone)}T${two(hour)}:${two(minute)}${seconds}`;
}

/** A date some days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** How many days lie between two dates. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / 86_400_000);
}
