import type { ReactNode } from 'react';
import styles from './Sparkline.module.css';

const WIDTH = 100;
const HEIGHT = 28;

/** The run of a number in small, beside the number itself; gaps where there is none. */
export function Sparkline({ values, color = 'var(--chart-1)' }: { values: readonly (number | null)[]; color?: string }): ReactNode {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return <span className={styles.sparkline} aria-hidden="true" />;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  // The run matters here, not the size; but what hardly moves must not look as if it did.
  const span = Math.max(most - least, Math.abs(most) * 0.04, 1e-9);
  const step = WIDTH / (values.length - 1);
  const at = (value: number) => HEIGHT - 1.5 - ((value - least) / span) * (HEIGHT - 3);
  let line = '';
  let isDrawing = false;
  values.forEach((value, place) => {
    if (value !== null) line += `${isDrawing ? 'L' : 'M'}${(place * step).toFixed(2)} ${at(value).toFixed(2)}`;
    isDrawing = value !== null;
  });
  return (
    <svg
      className={styles.sparkline}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <path d={line} fill="none" stroke={color} strokeWidth="1.5" vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}
