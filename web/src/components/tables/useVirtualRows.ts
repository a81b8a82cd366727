import { useCallback, useEffect, useState, type RefObject } from 'react';

export interface VirtualRows {
  /** The first row that is built, and the one after the last. */
  from: number;
  to: number;
  /** Brings a row into sight, by as little as possible. */
  reveal(row: number): void;
}

/** Rows beyond the edges, so that quick scrolling shows no gaps. */
const BEYOND = 8;

/** Which of many rows of equal height are in sight of what scrolls them. `header` is what covers its upper edge. */
export function useVirtualRows(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  header = 0,
): VirtualRows {
  const [sight, setSight] = useState({ first: 0, shown: 20 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let frame = 0;
    const measure = () => {
      frame = 0;
      const first = Math.floor(element.scrollTop / rowHeight);
      const shown = Math.ceil(element.clientHeight / rowHeight) + 1;
      setSight((before) => (before.first === first && before.shown === shown ? before : { first, shown }));
    };
    const onScroll = () => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [scroller, rowHeight]);

  const reveal = useCallback(
    (row: number) => {
      const element = scroller.current;
      if (!element) return;
      const [top, bottom] = [row * rowHeight, (row + 1) * rowHeight];
      const room = element.clientHeight - header;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (bottom > element.scrollTop + room) element.scrollTop = bottom - room;
    },
    [scroller, rowHeight, header],
  );
  const from = Math.max(0, Math.min(sight.first - BEYOND, count));
  const to = Math.min(count, sight.first + sight.shown + BEYOND);
  return { from, to, reveal };
}
