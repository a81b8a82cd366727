import { useRef, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { STATE_COLORS } from './LaneDrawing';
import { barsInSight, scaleOf, tickPath } from './lanePaths';
import type { Lanes } from './lanes';
import type { LaneView } from './laneView';
import styles from './Lanes.module.css';

const HEIGHT = 22;

interface MinimapProps {
  lanes: Lanes;
  view: LaneView;
  width: number;
  onShow: (view: LaneView) => void;
}

/** The whole session in one strip, with the part that is shown; that can be dragged. */
export function Minimap({ lanes, view, width, onShow }: MinimapProps): ReactNode {
  const { t } = useTranslation('sessions');
  const whole = { fromMs: lanes.fromMs, toMs: lanes.toMs };
  const x = scaleOf(whole, width);
  const grip = useRef<number | null>(null);
  const [from, to] = [x(view.fromMs), x(view.toMs)];
  const span = view.toMs - view.fromMs;
  const moveTo = (event: PointerEvent<SVGSVGElement>, byGrip: number) => {
    const place = event.clientX - event.currentTarget.getBoundingClientRect().left - byGrip;
    const fromMs = lanes.fromMs + (place / width) * (lanes.toMs - lanes.fromMs);
    onShow({ fromMs, toMs: fromMs + span });
  };
  return (
    <svg
      className={styles.minimap}
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={t('lanes.overview')}
      onPointerDown={(event) => {
        const place = event.clientX - event.currentTarget.getBoundingClientRect().left;
        const isInside = place >= from && place <= to;
        grip.current = isInside ? place - from : (to - from) / 2;
        event.currentTarget.setPointerCapture(event.pointerId);
        if (!isInside) moveTo(event, grip.current);
      }}
      onPointerMove={(event) => grip.current !== null && moveTo(event, grip.current)}
      onPointerUp={() => {
        grip.current = null;
      }}
      onPointerCancel={() => {
        grip.current = null;
      }}
    >
      <rect className={styles.minimapGround} width={width} height={HEIGHT} rx={3} />
      {barsInSight(lanes.playback, whole, width).map(({ bar, x: left, wide }) => (
        <rect key={bar.fromMs} x={left} y={7} width={wide} height={8} fill={STATE_COLORS[bar.state]} />
      ))}
      {lanes.playback.length === 0 && (
        <path d={tickPath(lanes.marks, whole, width, 7, 15)} stroke="var(--chart-8)" fill="none" />
      )}
      <rect className={styles.veil} x={0} y={0} width={Math.max(from, 0)} height={HEIGHT} />
      <rect className={styles.veil} x={to} y={0} width={Math.max(width - to, 0)} height={HEIGHT} />
      <rect className={styles.window} x={from + 0.75} y={0.75} width={Math.max(to - from - 1.5, 3)} height={HEIGHT - 1.5} rx={3} />
    </svg>
  );
}
