import type { EventKind, RecordedEvent } from '../events/recordedEvent';
import { kindOf } from '../events/recordedEvent';

export type PlaybackState = 'starting' | 'playing' | 'paused' | 'buffering' | 'stalled' | 'ended';

/** A stretch of time in a lane. */
export interface LaneBar {
  fromMs: number;
  toMs: number;
  /** What it is called; from the player for ads, chapters and breaks. */
  name: string | null;
  /** The event that opened it. */
  sequence: number;
  /** It was still open at the last event. */
  isOpen: boolean;
}

export interface PlaybackBar extends LaneBar {
  state: PlaybackState;
}

export interface LanePoint {
  atMs: number;
  value: number;
}

/** An event where it stands in time. */
export interface LaneMark {
  atMs: number;
  sequence: number;
  kind: EventKind;
  /** Its place in the list of events. */
  place: number;
}

/** A session over time. */
export interface Lanes {
  fromMs: number;
  toMs: number;
  playback: PlaybackBar[];
  breaks: LaneBar[];
  ads: LaneBar[];
  chapters: LaneBar[];
  states: { name: string; bars: LaneBar[] }[];
  playhead: LanePoint[];
  bitrate: LanePoint[];
  /** All events, by time. */
  marks: LaneMark[];
}

/** Lanes from events in the order of processing. */
export function buildLanes(events: readonly RecordedEvent[]): Lanes {
  const lanes: Lanes = {
    fromMs: Number.POSITIVE_INFINITY,
    toMs: Number.NEGATIVE_INFINITY,
    playback: [],
    breaks: [],
    ads: [],
    chapters: [],
    states: [],
    playhead: [],
    bitrate: [],
    marks: [],
  };
  const states = new Map<string, LaneBar[]>();
  // What comes late takes effect with no time elapsed: time never goes back.
  let nowMs = Number.NEGATIVE_INFINITY;
  let ended: RecordedEvent | null = null;
  for (const [place, event] of events.entries()) {
    const { tsMs, sequence } = event;
    lanes.fromMs = Math.min(lanes.fromMs, tsMs);
    lanes.toMs = Math.max(lanes.toMs, tsMs);
    lanes.marks.push({ atMs: tsMs, sequence, kind: kindOf(event.event_type), place });
    addQuality(lanes, event);
    if (!event.effect) continue;
    const beforeMs = nowMs;
    nowMs = Math.max(nowMs, tsMs);
    addPlayback(lanes.playback, event);
    if (ended && nowMs > beforeMs) addEnded(lanes.playback, ended, beforeMs, nowMs);
    ended = event.effect.state.playback === 'ended' && event.effect.state.closed === null ? event : null;
    follow(lanes.breaks, event, nowMs, 'adBreakStart', event.effect.state.ad_break, 'media.ad.podFriendlyName');
    follow(lanes.ads, event, nowMs, 'adStart', event.effect.state.ad, 'media.ad.name', 'media.ad.id');
    follow(lanes.chapters, event, nowMs, 'chapterStart', event.effect.state.chapter, 'media.chapter.friendlyName');
    followStates(states, event, nowMs);
  }
  for (const bars of [lanes.breaks, lanes.ads, lanes.chapters, ...states.values()]) {
    for (const bar of bars) if (bar.isOpen) bar.toMs = Math.max(nowMs, bar.fromMs);
  }
  lanes.states = [...states].map(([name, bars]) => ({ name, bars }));
  lanes.marks.sort((one, other) => one.atMs - other.atMs || one.place - other.place);
  if (lanes.fromMs > lanes.toMs) [lanes.fromMs, lanes.toMs] = [0, 1];
  if (lanes.toMs === lanes.fromMs) lanes.toMs += 1_000;
  return lanes;
}

function addQuality(lanes: Lanes, event: RecordedEvent): void {
  if (event.status === 'ignored') return;
  lanes.playhead.push({ atMs: event.tsMs, value: event.playhead });
  const bitrate = event.body.qoeData?.['media.qoe.bitrate'];
  if (typeof bitrate === 'number') lanes.bitrate.push({ atMs: event.tsMs, value: bitrate });
}

function addPlayback(bars: PlaybackBar[], event: RecordedEvent): void {
  for (const part of event.effect?.attributed ?? []) {
    const [fromMs, toMs] = [Date.parse(part.from), Date.parse(part.to)];
    if (part.moved_from !== undefined) {
      coverStall(bars, fromMs, toMs, event.sequence);
      continue;
    }
    const state = part.account === 'total_stall_duration' ? 'stalled' : (part.playback as PlaybackState);
    addBar(bars, { state, fromMs, toMs, name: null, sequence: part.opened_by ?? event.sequence, isOpen: false });
  }
}

function addBar(bars: PlaybackBar[], bar: PlaybackBar): void {
  const last = bars.at(-1);
  if (last?.state === bar.state && last.toMs === bar.fromMs) last.toMs = bar.toMs;
  else bars.push(bar);
}

/** A stall is found after the fact: what had looked like playing becomes stalled. */
function coverStall(bars: PlaybackBar[], fromMs: number, toMs: number, sequence: number): void {
  const covered: PlaybackBar[] = [];
  while ((bars.at(-1)?.toMs ?? Number.NEGATIVE_INFINITY) > fromMs) covered.unshift(bars.pop() as PlaybackBar);
  for (const bar of covered) {
    if (bar.fromMs < fromMs) bars.push({ ...bar, toMs: fromMs });
    addBar(bars, {
      ...bar,
      state: 'stalled',
      fromMs: Math.max(bar.fromMs, fromMs),
      toMs: Math.min(bar.toMs, toMs),
      sequence: bar.fromMs < fromMs ? sequence : bar.sequence,
    });
    if (bar.toMs > toMs) bars.push({ ...bar, fromMs: toMs });
  }
}

function addEnded(bars: PlaybackBar[], event: RecordedEvent, fromMs: number, toMs: number): void {
  // Time after the end is attributed too, in newer answers; then the bar is there already.
  if ((bars.at(-1)?.toMs ?? Number.NEGATIVE_INFINITY) >= toMs) return;
  addBar(bars, { state: 'ended', fromMs, toMs, name: null, sequence: event.sequence, isOpen: false });
}

/** Opens and closes the bars of what at most one of is open. */
function follow(
  bars: LaneBar[],
  event: RecordedEvent,
  nowMs: number,
  opener: string,
  isOpen: boolean,
  ...nameKeys: string[]
): void {
  const last = bars.at(-1);
  const opens = event.event_type === opener && isOpen;
  if (last?.isOpen && (opens || !isOpen)) {
    last.toMs = nowMs;
    last.isOpen = false;
  }
  if (!opens) return;
  const name = nameKeys.map((key) => event.body.params?.[key]).find((value) => typeof value === 'string') ?? null;
  bars.push({ fromMs: nowMs, toMs: nowMs, name: name as string | null, sequence: event.sequence, isOpen: true });
}

function followStates(states: Map<string, LaneBar[]>, event: RecordedEvent, nowMs: number): void {
  for (const name of endedStates(event)) {
    const bar = states.get(name)?.at(-1);
    if (!bar?.isOpen) continue;
    bar.toMs = nowMs;
    bar.isOpen = false;
  }
  for (const name of startedStates(event)) {
    const bars = states.get(name) ?? [];
    if (bars.at(-1)?.isOpen) continue;
    bars.push({ fromMs: nowMs, toMs: nowMs, name: null, sequence: event.sequence, isOpen: true });
    states.set(name, bars);
  }
  if (event.effect?.state.closed == null) return;
  for (const bars of states.values()) {
    const bar = bars.at(-1);
    if (bar?.isOpen) Object.assign(bar, { toMs: nowMs, isOpen: false });
  }
}

interface StateCount {
  name: string;
  count: number;
}

/** States that an event opened: those whose count rose. */
function startedStates(event: RecordedEvent): string[] {
  const change = event.effect?.changes?.['states'];
  if (!change || !Array.isArray(change.to)) return [];
  const before = new Map(listed(change.from).map(({ name, count }) => [name, count]));
  return listed(change.to)
    .filter(({ name, count }) => count > (before.get(name) ?? 0))
    .map(({ name }) => name);
}

const listed = (value: unknown) => (Array.isArray(value) ? (value as StateCount[]) : []);

function endedStates({ event_type, body }: RecordedEvent): string[] {
  const name = (value: unknown) => {
    const text = (value as Record<string, unknown> | null)?.['media.state.name'];
    // Both spellings are the same state.
    return text === 'fullscreen' ? 'fullScreen' : typeof text === 'string' ? text : '';
  };
  if (event_type === 'stateEnd') return [name(body.params)];
  if (event_type !== 'statesUpdate') return [];
  const ends = body.params?.['statesEnd'];
  return Array.isArray(ends) ? ends.map(name) : [];
}
