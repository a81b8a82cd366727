import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { clampView, isWhole, panView, viewWith, zoomView, type LaneView } from './laneView';

export interface LaneViewControl {
  view: LaneView;
  isWhole: boolean;
  show(view: LaneView): void;
  showAll(): void;
  /** Around the middle when no moment is named. */
  zoom(factor: number, aroundMs?: number): void;
  pan(share: number): void;
  reveal(atMs: number): void;
}

/** The part of the time that is shown. While it is all of it, it grows along with an open session. */
export function useLaneView(fromMs: number, toMs: number): LaneViewControl {
  const [chosen, setChosen] = useState<LaneView | null>(null);
  const bounds = useMemo(() => ({ fromMs, toMs }), [fromMs, toMs]);
  // The same object while nothing changes: the drawing, which is costly, depends on it.
  const view = useMemo(() => (chosen ? clampView(chosen, bounds) : bounds), [chosen, bounds]);
  const current = useRef({ view, bounds });
  useEffect(() => {
    current.current = { view, bounds };
  });
  const show = useCallback((next: LaneView) => {
    const clamped = clampView(next, current.current.bounds);
    setChosen(isWhole(clamped, current.current.bounds) ? null : clamped);
  }, []);
  const showAll = useCallback(() => setChosen(null), []);
  const zoom = useCallback(
    (factor: number, aroundMs?: number) => {
      const { view: now, bounds: whole } = current.current;
      show(zoomView(now, whole, factor, aroundMs ?? (now.fromMs + now.toMs) / 2));
    },
    [show],
  );
  const pan = useCallback(
    (share: number) => {
      const { view: now, bounds: whole } = current.current;
      show(panView(now, whole, (now.toMs - now.fromMs) * share));
    },
    [show],
  );
  const reveal = useCallback(
    (atMs: number) => {
      const { view: now, bounds: whole } = current.current;
      const next = viewWith(now, whole, atMs);
      if (next !== now) show(next);
    },
    [show],
  );
  return { view, isWhole: isWhole(view, bounds), show, showAll, zoom, pan, reveal };
}

/** Wheel with Ctrl (or a pinch on a touch pad) zooms, a sideways wheel moves; a plain wheel scrolls the page as ever. */
export function useLaneWheel(element: RefObject<HTMLElement | null>, control: LaneViewControl): void {
  const latest = useRef(control);
  useEffect(() => {
    latest.current = control;
  });
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const onWheel = (event: WheelEvent) => {
      const { view, zoom, pan } = latest.current;
      const box = target.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey || event.altKey) {
        event.preventDefault();
        const share = (event.clientX - box.left) / box.width;
        zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.005), view.fromMs + share * (view.toMs - view.fromMs));
        return;
      }
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (latest.current.isWhole || Math.abs(sideways) < Math.abs(event.shiftKey ? 1 : event.deltaY)) return;
      event.preventDefault();
      pan(sideways / box.width);
    };
    target.addEventListener('wheel', onWheel, { passive: false });
    return () => target.removeEventListener('wheel', onWheel);
  }, [element]);
}
