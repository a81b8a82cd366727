/** The part of a session's time that is in sight. */
export interface LaneView {
  fromMs: number;
  toMs: number;
}

const SHORTEST_MS = 100;

/** The view within the bounds, not shorter than makes sense. */
export function clampView(view: LaneView, bounds: LaneView): LaneView {
  const whole = bounds.toMs - bounds.fromMs;
  const span = Math.min(Math.max(view.toMs - view.fromMs, Math.min(SHORTEST_MS, whole)), whole);
  const fromMs = Math.min(Math.max(view.fromMs, bounds.fromMs), bounds.toMs - span);
  return { fromMs, toMs: fromMs + span };
}

/** A factor below 1 shows less and thus more of it; what lies at a moment stays where it is. */
export function zoomView(view: LaneView, bounds: LaneView, factor: number, aroundMs: number): LaneView {
  const fromMs = aroundMs - (aroundMs - view.fromMs) * factor;
  const toMs = aroundMs + (view.toMs - aroundMs) * factor;
  const middle = (fromMs + toMs) / 2;
  const half = Math.max((toMs - fromMs) / 2, SHORTEST_MS / 2);
  return clampView({ fromMs: middle - half, toMs: middle + half }, bounds);
}

export function panView(view: LaneView, bounds: LaneView, byMs: number): LaneView {
  return clampView({ fromMs: view.fromMs + byMs, toMs: view.toMs + byMs }, bounds);
}

/** The view moved, if need be, so that a moment is well in sight. */
export function viewWith(view: LaneView, bounds: LaneView, atMs: number): LaneView {
  if (view.fromMs <= atMs && atMs <= view.toMs) return view;
  return panView(view, bounds, atMs - (view.fromMs + view.toMs) / 2);
}

export function isWhole(view: LaneView, bounds: LaneView): boolean {
  return view.fromMs <= bounds.fromMs && view.toMs >= bounds.toMs;
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 86_400_000,
];
const TICK_ROOM = 76;

/** Ticks at round distances from the start of the session. */
export function viewTicks(view: LaneView, startMs: number, width: number): { atMs: number[]; stepMs: number } {
  const most = Math.max(1, Math.floor(width / TICK_ROOM));
  const span = view.toMs - view.fromMs;
  const stepMs = STEPS_MS.find((step) => span / step <= most) ?? Math.ceil(span / most / 86_400_000) * 86_400_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((view.fromMs - startMs) / stepMs) * stepMs; startMs + at <= view.toMs; at += stepMs) {
    ticks.push(startMs + at);
  }
  return { atMs: ticks, stepMs };
}

/** The place in a list sorted by time of what is nearest to a moment; -1 when it is empty. */
export function nearestPlace(list: readonly { atMs: number }[], atMs: number): number {
  let [low, high] = [0, list.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.atMs ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  const [after, before] = [list[low], list[low - 1]];
  if (!after) return -1;
  return before && atMs - before.atMs < after.atMs - atMs ? low - 1 : low;
}
