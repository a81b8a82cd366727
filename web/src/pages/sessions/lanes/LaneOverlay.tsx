import { memo, type ReactNode } from 'react';
import type { Highlight } from '../metrics/explanation';
import { AXIS } from './laneLayout';
import { scaleOf } from './lanePaths';
import type { LaneMark } from './lanes';
import type { LaneView } from './laneView';
import styles from './Lanes.module.css';

interface LaneHighlightProps {
  highlight: Highlight;
  marks: readonly LaneMark[];
  view: LaneView;
  width: number;
  height: number;
}

/** What a metric is made of: all else steps back. */
export const LaneHighlight = memo(function LaneHighlight(props: LaneHighlightProps): ReactNode {
  const { highlight, marks, view, width, height } = props;
  const x = scaleOf(view, width);
  const spans = highlight.spans
    .filter(({ fromMs, toMs }) => toMs >= view.fromMs && fromMs <= view.toMs)
    .map(({ fromMs, toMs }) => ({ from: Math.max(x(fromMs), 0), to: Math.min(x(toMs), width) }));
  const gaps: { from: number; to: number }[] = [];
  let end = 0;
  for (const { from, to } of spans) {
    if (from > end) gaps.push({ from: end, to: from });
    end = Math.max(end, to);
  }
  if (end < width) gaps.push({ from: end, to: width });
  const events = marks.filter(({ sequence, atMs }) => highlight.sequences.has(sequence) && atMs >= view.fromMs && atMs <= view.toMs);
  const isOfSpans = highlight.spans.length > 0;
  return (
    <g className={styles.highlight}>
      {isOfSpans &&
        gaps.map(({ from, to }) => (
          <rect key={from} className={styles.veil} x={from} y={AXIS} width={to - from} height={height - AXIS} />
        ))}
      {spans.map(({ from, to }) => (
        <rect key={from} className={styles.span} x={from} y={AXIS - 3} width={Math.max(to - from, 1.5)} height={3} />
      ))}
      {events.map(({ sequence, atMs }) => (
        <g key={sequence}>
          <line className={styles.found} x1={x(atMs)} x2={x(atMs)} y1={AXIS} y2={height} />
          <circle className={styles.foundDot} cx={x(atMs)} cy={AXIS} r={3.5} />
        </g>
      ))}
    </g>
  );
});

interface LaneCursorProps {
  /** Null when nothing is pointed at. */
  hovered: LaneMark | null;
  selected: LaneMark | null;
  /** Where the pointer is, in pixels. */
  pointer: number | null;
  brush: { from: number; to: number } | null;
  view: LaneView;
  width: number;
  height: number;
}

/** Crosshair, the selected event, and the part that is being marked. */
export function LaneCursor({ hovered, selected, pointer, brush, view, width, height }: LaneCursorProps): ReactNode {
  const x = scaleOf(view, width);
  const isInSight = (mark: LaneMark) => mark.atMs >= view.fromMs && mark.atMs <= view.toMs;
  return (
    <g>
      {brush && (
        <rect
          className={styles.brush}
          x={Math.min(brush.from, brush.to)}
          y={AXIS}
          width={Math.abs(brush.to - brush.from)}
          height={height - AXIS}
        />
      )}
      {pointer !== null && <line className={styles.pointer} x1={pointer} x2={pointer} y1={AXIS} y2={height} />}
      {hovered && isInSight(hovered) && (
        <line className={styles.hovered} x1={x(hovered.atMs)} x2={x(hovered.atMs)} y1={AXIS} y2={height} />
      )}
      {selected && isInSight(selected) && (
        <>
          <line className={styles.selected} x1={x(selected.atMs)} x2={x(selected.atMs)} y1={AXIS - 2} y2={height} />
          <path className={styles.selectedMark} d={`M${x(selected.atMs)} ${AXIS + 2}l-5 -7h10z`} />
        </>
      )}
    </g>
  );
}
