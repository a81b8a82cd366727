import { useRef, useState, type PointerEvent } from 'react';
import { scaleOf } from './lanePaths';
import type { LaneMark, Lanes } from './lanes';
import { nearestPlace, panView, type LaneView } from './laneView';
import type { LaneViewControl } from './useLaneView';

interface LanePointer {
  /** Where the pointer is, in pixels; null when it is elsewhere. */
  x: number | null;
  /** The events at the pointer, the most telling one first. */
  cluster: readonly LaneMark[];
  /** The part that is being marked. */
  brush: { from: number; to: number } | null;
  handlers: {
    onPointerDown(event: PointerEvent<SVGSVGElement>): void;
    onPointerMove(event: PointerEvent<SVGSVGElement>): void;
    onPointerUp(event: PointerEvent<SVGSVGElement>): void;
    onPointerLeave(): void;
    onPointerCancel(): void;
  };
}

/** Pixels within which an event counts as pointed at, and within which events are of one moment. */
const REACH = 36;
const TOGETHER = 2.5;
/** Below this a drag is a click with a trembling hand. */
const SHORTEST_DRAG = 5;

interface Options {
  lanes: Lanes;
  view: LaneView;
  width: number;
  control: LaneViewControl;
  selected: number | null;
  onSelect: (sequence: number) => void;
}

/** Pointing shows events, a click selects, a drag with the mouse marks a part to zoom into, and with a finger moves. */
export function useLanePointer({ lanes, view, width, control, selected, onSelect }: Options): LanePointer {
  const [x, setX] = useState<number | null>(null);
  const [brush, setBrush] = useState<{ from: number; to: number } | null>(null);
  const drag = useRef<{ from: number; view: LaneView; isTouch: boolean; hasMoved: boolean } | null>(null);
  const placeOf = (event: PointerEvent<SVGSVGElement>) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const clear = () => {
    drag.current = null;
    setBrush(null);
    setX(null);
  };
  return {
    x: brush ? null : x,
    cluster: x === null || brush ? [] : clusterAt(lanes.marks, view, width, x),
    brush,
    handlers: {
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { from: placeOf(event), view, isTouch: event.pointerType === 'touch', hasMoved: false };
      },
      onPointerMove: (event) => {
        const place = placeOf(event);
        const now = drag.current;
        if (!now) {
          if (event.pointerType !== 'touch') setX(place);
          return;
        }
        now.hasMoved ||= Math.abs(place - now.from) >= SHORTEST_DRAG;
        if (!now.hasMoved) return;
        if (!now.isTouch) {
          setBrush({ from: now.from, to: Math.min(Math.max(place, 0), width) });
          return;
        }
        const perPixel = (now.view.toMs - now.view.fromMs) / width;
        control.show(panView(now.view, lanes, (now.from - place) * perPixel));
      },
      onPointerUp: (event) => {
        const now = drag.current;
        drag.current = null;
        setBrush(null);
        if (!now) return;
        const place = placeOf(event);
        if (now.hasMoved) {
          if (!now.isTouch) control.show(marked(view, width, now.from, Math.min(Math.max(place, 0), width)));
          return;
        }
        const cluster = clusterAt(lanes.marks, view, width, place);
        // Another click on the same spot goes on to the next event of that moment.
        const at = cluster.findIndex(({ sequence }) => sequence === selected);
        const next = cluster[(at + 1) % Math.max(cluster.length, 1)];
        if (next) onSelect(next.sequence);
      },
      onPointerLeave: () => {
        if (!drag.current) setX(null);
      },
      onPointerCancel: clear,
    },
  };
}

function marked(view: LaneView, width: number, one: number, other: number): LaneView {
  const perPixel = (view.toMs - view.fromMs) / width;
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  return { fromMs: view.fromMs + from * perPixel, toMs: view.fromMs + to * perPixel };
}

/** The events at a place: those that stand where the nearest one stands. */
export function clusterAt(marks: readonly LaneMark[], view: LaneView, width: number, place: number): LaneMark[] {
  const x = scaleOf(view, width);
  const atMs = view.fromMs + (place / width) * (view.toMs - view.fromMs);
  const nearest = nearestPlace(marks, atMs);
  const mark = marks[nearest];
  if (!mark || Math.abs(x(mark.atMs) - place) > REACH) return [];
  const isTogether = (other: LaneMark | undefined) => other && Math.abs(x(other.atMs) - x(mark.atMs)) <= TOGETHER;
  let [from, to] = [nearest, nearest];
  const most = 40;
  while (from > 0 && nearest - from < most && isTogether(marks[from - 1])) from -= 1;
  while (to < marks.length - 1 && to - nearest < most && isTogether(marks[to + 1])) to += 1;
  const found = marks.slice(from, to + 1);
  const weight = ({ kind }: LaneMark) => (kind === 'error' ? 0 : kind === 'ping' ? 2 : 1);
  return found.sort((one, other) => weight(one) - weight(other) || Math.abs(x(one.atMs) - place) - Math.abs(x(other.atMs) - place));
}
