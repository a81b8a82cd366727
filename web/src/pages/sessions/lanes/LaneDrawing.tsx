import { memo, useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { textForChart } from '../../../components/text/clipText';
import type { Format } from '../../../format/format';
import type { LaneRow } from './laneLayout';
import { AXIS } from './laneLayout';
import { barsInSight, linePath, rangeOfValues, scaleOf, tickPath } from './lanePaths';
import type { LaneBar, Lanes, PlaybackState } from './lanes';
import { viewTicks, type LaneView } from './laneView';
import styles from './Lanes.module.css';
import { offsetText } from '../events/exactText';
import { KIND_COLORS, type EventKind } from '../events/recordedEvent';

export const STATE_COLORS: Record<PlaybackState, string> = {
  starting: 'var(--chart-8)',
  playing: 'var(--chart-3)',
  paused: 'var(--chart-6)',
  buffering: 'var(--chart-2)',
  stalled: 'var(--bad)',
  ended: 'var(--line-strong)',
};

interface LaneDrawingProps {
  lanes: Lanes;
  rows: readonly LaneRow[];
  height: number;
  view: LaneView;
  width: number;
  contentLength: number | null;
  format: Format;
}

/** The parts that do not change on hover: axis, bars, lines and ticks. */
export const LaneDrawing = memo(function LaneDrawing(props: LaneDrawingProps): ReactNode {
  const { lanes, rows, height, view, width, format } = props;
  const x = scaleOf(view, width);
  const { atMs: ticks, stepMs } = viewTicks(view, lanes.fromMs, width);
  return (
    <g>
      {ticks.map((tick) => {
        const place = x(tick);
        // Labels at the edges are turned inwards.
        const anchor = place < 14 ? 'start' : place > width - 18 ? 'end' : 'middle';
        return (
          <g key={tick}>
            <line className={styles.grid} x1={place} x2={place} y1={AXIS - 4} y2={height} />
            <text className={styles.tick} x={place} y={12} textAnchor={anchor}>
              {offsetText(tick - lanes.fromMs, stepMs, format)}
            </text>
          </g>
        );
      })}
      {rows.map((row) => (
        <Lane key={row.key} row={row} {...props} />
      ))}
    </g>
  );
});

function Lane(props: LaneDrawingProps & { row: LaneRow }): ReactNode {
  const { row, lanes, view, width, contentLength } = props;
  const { t } = useTranslation('sessions');
  const middle = row.top + row.height;
  switch (row.name) {
    case 'playback':
      return (
        <g>
          {barsInSight(lanes.playback, view, width).map(({ bar, x, wide }) => (
            <Bar key={bar.fromMs} x={x} wide={wide} row={row} color={STATE_COLORS[bar.state]} text={t(`lanes.states.${bar.state}`)} isCut={false} />
          ))}
        </g>
      );
    case 'breaks':
      return <NamedBars {...props} bars={lanes.breaks} color="var(--chart-8)" />;
    case 'ads':
      return <NamedBars {...props} bars={lanes.ads} color="var(--chart-4)" />;
    case 'chapters':
      return <NamedBars {...props} bars={lanes.chapters} color="var(--chart-7)" />;
    case 'state': {
      const bars = lanes.states.find(({ name }) => name === row.state)?.bars ?? [];
      return <NamedBars {...props} bars={bars} color="var(--chart-5)" hideNames />;
    }
    case 'playhead': {
      const { low, high } = rangeOfValues(lanes.playhead, contentLength);
      const y = (value: number) => middle - ((value - low) / (high - low)) * (row.height - 4) - 2;
      return (
        <g>
          <line className={styles.base} x1={0} x2={width} y1={middle} y2={middle} />
          <path className={styles.playhead} d={linePath(lanes.playhead, view, width, y, false)} />
        </g>
      );
    }
    case 'bitrate': {
      const { low, high } = rangeOfValues(lanes.bitrate, null);
      const y = (value: number) => middle - ((value - low) / (high - low)) * (row.height - 4) - 2;
      return (
        <g>
          <line className={styles.base} x1={0} x2={width} y1={middle} y2={middle} />
          <path className={styles.bitrate} d={linePath(lanes.bitrate, view, width, y, true)} />
        </g>
      );
    }
    case 'errors':
      return <ErrorMarks {...props} />;
    case 'events':
      return <EventTicks {...props} />;
  }
}

function NamedBars({
  bars,
  color,
  hideNames = false,
  row,
  view,
  width,
}: LaneDrawingProps & { row: LaneRow; bars: readonly LaneBar[]; color: string; hideNames?: boolean }): ReactNode {
  const { t } = useTranslation('sessions');
  return (
    <g>
      {barsInSight(bars, view, width).map(({ bar, x, wide }) => (
        <Bar
          key={`${bar.fromMs} ${bar.sequence}`}
          x={x}
          wide={wide}
          row={row}
          color={color}
          text={hideNames ? '' : (bar.name ?? t('lanes.unnamed'))}
          isCut
        />
      ))}
    </g>
  );
}

interface BarProps {
  /** The text may be cut where it does not fit. */
  isCut: boolean;
  x: number;
  wide: number;
  row: LaneRow;
  color: string;
  text: string;
}

function Bar({ x, wide, row, color, text, isCut }: BarProps): ReactNode {
  const clip = useId();
  const visible = Math.max(x, 0);
  const room = x + wide - visible;
  // Words of our own are short and shown whole or not at all; names may be cut.
  const needed = isCut ? Math.min(widthOf(text), 40) : widthOf(text);
  const hasText = text !== '' && room - 12 >= needed;
  return (
    <g>
      <rect x={x} y={row.top} width={wide} height={row.height} fill={color} className={styles.soft} rx={Math.min(2, wide / 2)} />
      <rect x={x} y={row.top + row.height - 3} width={wide} height={3} fill={color} rx={Math.min(1.5, wide / 2)} />
      {wide > 3 && <rect x={x + wide - 0.5} y={row.top} width={1} height={row.height} className={styles.edge} />}
      {hasText && (
        <>
          <clipPath id={clip}>
            <rect x={visible} y={row.top} width={Math.max(room - 4, 0)} height={row.height} />
          </clipPath>
          <text
            className={row.height < 20 ? styles.smallName : styles.name}
            x={visible + 6}
            y={row.top + (row.height - 3) / 2 + 0.5}
            clipPath={`url(#${clip})`}
          >
            {textForChart(text, 60)}
          </text>
        </>
      )}
    </g>
  );
}

/** About how wide a text is drawn. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text.slice(0, 60)) width += character > '\u2e7f' ? 11 : 6.2;
  return width;
}

function ErrorMarks({ row, lanes, view, width }: LaneDrawingProps & { row: LaneRow }): ReactNode {
  const x = scaleOf(view, width);
  const y = row.top + row.height / 2;
  const errors = lanes.marks.filter(({ kind, atMs }) => kind === 'error' && atMs >= view.fromMs && atMs <= view.toMs);
  return (
    <g>
      <line className={styles.base} x1={0} x2={width} y1={y} y2={y} />
      {errors.slice(0, 500).map(({ atMs, sequence }) => {
        const place = x(atMs);
        return (
          <g key={sequence}>
            <path className={styles.error} d={`M${place} ${y - 7}l7 12h-14z`} />
            <path className={styles.errorSign} d={`M${place} ${y - 2}v3.500M${place} ${y + 3}v.2`} />
          </g>
        );
      })}
    </g>
  );
}

const TICK_KINDS: readonly EventKind[] = ['ping', 'state', 'quality', 'chapter', 'ad', 'playback', 'session', 'error'];

function EventTicks({ row, lanes, view, width }: LaneDrawingProps & { row: LaneRow }): ReactNode {
  const bottom = row.top + row.height;
  return (
    <g>
      <line className={styles.base} x1={0} x2={width} y1={bottom} y2={bottom} />
      {TICK_KINDS.map((kind) => {
        const marks = lanes.marks.filter((mark) => mark.kind === kind);
        const top = kind === 'ping' ? row.top + row.height * 0.45 : row.top;
        return (
          <path
            key={kind}
            d={tickPath(marks, view, width, top, bottom)}
            stroke={KIND_COLORS[kind]}
            strokeWidth={kind === 'ping' ? 1 : 1.5}
            opacity={kind === 'ping' ? 0.6 : 1}
            fill="none"
          />
        );
      })}
    </g>
  );
}
