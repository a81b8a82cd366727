import { addDays, dateIn, momentOf, timeWriter, wallClock } from '../time/zone';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const CLOCK_STEPS = [
  ...[1, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];
const DAY_STEPS = [1, 2, 7, 14];
const MONTH_STEPS = [1, 3, 6, 12];

/** The precision that the labels of ticks need. */
export type TickUnit = 'second' | 'minute' | 'day' | 'month';

export interface TimeTicks {
  ticks: number[];
  unit: TickUnit;
}

/** Round moments of a time zone's clocks and calendar between two moments, at most so many. */
export function timeTicks(fromMs: number, toMs: number, zone: string, most: number): TimeTicks {
  const span = Math.max(toMs - fromMs, 1);
  const fits = (stepMs: number) => span / stepMs <= most;
  const clockStep = CLOCK_STEPS.find(fits);
  if (clockStep) {
    return { ticks: clockTicks(fromMs, toMs, zone, clockStep), unit: clockStep < MINUTE ? 'second' : 'minute' };
  }
  const days = DAY_STEPS.find((step) => fits(step * DAY));
  if (days) return { ticks: dayTicks(fromMs, toMs, zone, days), unit: 'day' };
  const months = MONTH_STEPS.find((step) => fits(step * 28 * DAY)) ?? 12;
  return { ticks: monthTicks(fromMs, toMs, zone, months), unit: 'month' };
}

function clockTicks(fromMs: number, toMs: number, zone: string, stepMs: number): number[] {
  const ticks: number[] = [];
  let date = dateIn(fromMs, zone);
  for (;;) {
    const midnight = momentOf(date, zone);
    if (midnight > toMs) return ticks;
    for (let ofDay = 0; ofDay < DAY; ofDay += stepMs) {
      // Where clocks are set, a time of the day lies elsewhere; below an hour the steps fit whatever the change.
      const tick = stepMs < HOUR ? midnight + ofDay : momentOf(`${date}T${clockText(ofDay)}`, zone);
      if (tick > toMs) return ticks;
      if (tick >= fromMs && tick !== ticks.at(-1)) ticks.push(tick);
    }
    date = addDays(date, 1);
  }
}

function clockText(ofDayMs: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(Math.floor(ofDayMs / HOUR))}:${two(Math.floor((ofDayMs % HOUR) / MINUTE))}`;
}

function dayTicks(fromMs: number, toMs: number, zone: string, step: number): number[] {
  const ticks: number[] = [];
  let date = dateIn(fromMs, zone);
  if (momentOf(date, zone) < fromMs) date = addDays(date, 1);
  while (momentOf(date, zone) <= toMs) {
    ticks.push(momentOf(date, zone));
    date = addDays(date, step);
  }
  return ticks;
}

function monthTicks(fromMs: number, toMs: number, zone: string, step: number): number[] {
  const ticks: number[] = [];
  const { year, month } = wallClock(fromMs, zone);
  for (let index = year * 12 + Math.floor((month - 1) / step) * step; ; index += step) {
    const date = `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}-01`;
    const tick = momentOf(date, zone);
    if (tick > toMs) return ticks;
    if (tick >= fromMs) ticks.push(tick);
  }
}

const labels = new Map<string, (ms: number) => string>();

/** Writes ticks: times of day, dates at midnight, months. */
export function tickLabels(locale: string, zone: string, unit: TickUnit): (ms: number) => string {
  const key = `${locale} ${zone} ${unit}`;
  const known = labels.get(key) ?? newTickLabels(locale, zone, unit);
  labels.set(key, known);
  return known;
}

function newTickLabels(locale: string, zone: string, unit: TickUnit): (ms: number) => string {
  const day = timeWriter(locale, { month: 'short', day: 'numeric' }, zone);
  if (unit === 'day') return day;
  if (unit === 'month') return timeWriter(locale, { month: 'short', year: 'numeric' }, zone);
  const clock = timeWriter(locale, { timeStyle: unit === 'second' ? 'medium' : 'short' }, zone);
  return (ms) => {
    const { hour, minute, second } = wallClock(ms, zone);
    return hour === 0 && minute === 0 && second === 0 ? day(ms) : clock(ms);
  };
}
