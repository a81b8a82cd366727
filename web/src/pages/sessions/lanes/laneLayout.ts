import type { Lanes } from './lanes';

export type LaneName = 'playback' | 'breaks' | 'ads' | 'chapters' | 'state' | 'playhead' | 'bitrate' | 'errors' | 'events';

export interface LaneRow {
  key: string;
  name: LaneName;
  /** The player state's name, of a lane of such. */
  state: string | null;
  /** Of what is drawn in it; the label stands beside or above. */
  top: number;
  height: number;
}

const HEIGHTS: Record<LaneName, number> = {
  playback: 26,
  breaks: 16,
  ads: 22,
  chapters: 22,
  state: 14,
  playhead: 60,
  bitrate: 40,
  errors: 18,
  events: 22,
};
const GAP = 9;
export const AXIS = 22;
const LABEL = 15;

/** The lanes that have something in them, below each other. `isNarrow` leaves room for labels above. */
export function layOutLanes(lanes: Lanes, isNarrow: boolean): { rows: LaneRow[]; height: number } {
  const wanted: [LaneName, string | null][] = [];
  if (lanes.playback.length > 0) wanted.push(['playback', null]);
  if (lanes.breaks.length > 0) wanted.push(['breaks', null]);
  if (lanes.ads.length > 0) wanted.push(['ads', null]);
  if (lanes.chapters.length > 0) wanted.push(['chapters', null]);
  for (const { name } of lanes.states) wanted.push(['state', name]);
  if (lanes.playhead.length > 0) wanted.push(['playhead', null]);
  if (lanes.bitrate.length > 0) wanted.push(['bitrate', null]);
  if (lanes.marks.some(({ kind }) => kind === 'error')) wanted.push(['errors', null]);
  wanted.push(['events', null]);
  let top = AXIS + (isNarrow ? 0 : 6);
  const rows = wanted.map(([name, state]) => {
    if (isNarrow) top += LABEL;
    const row = { key: state === null ? name : `state ${state}`, name, state, top, height: HEIGHTS[name] };
    top += HEIGHTS[name] + GAP;
    return row;
  });
  return { rows, height: top };
}
