import type { LaneBar, LaneMark, LanePoint } from './lanes';
import type { LaneView } from './laneView';

export type ScaleX = (atMs: number) => number;

export function scaleOf(view: LaneView, width: number): ScaleX {
  const span = view.toMs - view.fromMs;
  return (atMs) => ((atMs - view.fromMs) / span) * width;
}

const tenth = (value: number) => Math.round(value * 10) / 10;

/** Bars in sight, with their edges in pixels; at least one pixel wide. */
export function barsInSight<Bar extends LaneBar>(
  bars: readonly Bar[],
  view: LaneView,
  width: number,
): { bar: Bar; x: number; wide: number }[] {
  const x = scaleOf(view, width);
  const found: { bar: Bar; x: number; wide: number }[] = [];
  for (const bar of bars) {
    if (bar.toMs < view.fromMs || bar.fromMs > view.toMs) continue;
    const from = Math.max(x(bar.fromMs), -4);
    const to = Math.min(x(bar.toMs), width + 4);
    found.push({ bar, x: tenth(from), wide: tenth(Math.max(to - from, 1)) });
  }
  return found;
}

/** The ends of the axis of playheads: from 0 where that leaves room enough for the line. */
export function rangeOfValues(points: readonly LanePoint[], most: number | null): { low: number; high: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { value } of points) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { low: 0, high: 1 };
  // Playheads of live content are seconds of the day: far from 0, and close together.
  const isFar = low > (high - low) * 2;
  if (isFar) return { low, high: high > low ? high : low + 1 };
  const end = most !== null && most > 0 && high <= most * 1.02 && high >= most / 20 ? most : high;
  return { low: Math.min(low, 0), high: Math.max(end, 1) };
}

/** The path of a line through points; more than a few within one pixel are left out. */
export function linePath(
  points: readonly LanePoint[],
  view: LaneView,
  width: number,
  y: (value: number) => number,
  isStepped: boolean,
): string {
  const x = scaleOf(view, width);
  const parts: string[] = [];
  let lastX = Number.NaN;
  let lastY = Number.NaN;
  for (const [place, { atMs, value }] of points.entries()) {
    // The last value of steps goes on.
    const nextMs = points[place + 1]?.atMs ?? (isStepped ? Number.POSITIVE_INFINITY : atMs);
    const previousMs = points[place - 1]?.atMs ?? atMs;
    if (nextMs < view.fromMs || previousMs > view.toMs) continue;
    // Far outside points would make coordinates that drawing rounds.
    const px = tenth(Math.min(Math.max(x(atMs), -1e5), 1e5));
    const py = tenth(y(value));
    if (Math.abs(px - lastX) < 0.5 && Math.abs(py - lastY) < 0.5) continue;
    if (parts.length === 0) parts.push(`M${px} ${py}`);
    else if (isStepped) parts.push(`H${px}V${py}`);
    else parts.push(`L${px} ${py}`);
    lastX = px;
    lastY = py;
  }
  if (isStepped && parts.length > 0) parts.push(`H${tenth(Math.min(width, x(view.toMs)))}`);
  return parts.join('');
}

/** Upright strokes where events are; one a pixel. */
export function tickPath(marks: readonly LaneMark[], view: LaneView, width: number, top: number, bottom: number): string {
  const x = scaleOf(view, width);
  const parts: string[] = [];
  let last = Number.NaN;
  for (const { atMs } of marks) {
    if (atMs < view.fromMs || atMs > view.toMs) continue;
    const px = Math.round(x(atMs)) + 0.5;
    if (px === last) continue;
    parts.push(`M${px} ${top}V${bottom}`);
    last = px;
  }
  return parts.join('');
}
