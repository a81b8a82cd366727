import type { ReactNode } from 'react';
import { classNames } from '../components/classNames';
import { textForChart } from '../components/text/clipText';
import styles from './Legend.module.css';

export interface LegendItem {
  key: string;
  name: string;
  /** A colour of style sheets, such as `seriesColor(0)`. */
  color: string;
  isDashed?: boolean;
  /** The mark on its line (`shapeOf`), where lines have some. */
  shape?: string | undefined;
}

/** The names of series. With `onToggle` each can be hidden and shown again. */
export function Legend({
  items,
  hidden,
  onToggle,
}: {
  items: readonly LegendItem[];
  hidden?: ReadonlySet<string>;
  onToggle?: (key: string) => void;
}): ReactNode {
  return (
    <ul className={styles.legend}>
      {items.map(({ key, name, color, isDashed, shape }) => {
        const face = (
          <>
            {shape && !isDashed ? (
              <svg className={styles.shape} style={{ color }} viewBox="0 0 20 10" width="20" height="10" aria-hidden="true">
                <path d="M0 5h20" stroke="currentColor" strokeWidth="1.75" />
                <path d={shape} transform="translate(5 0)" fill="currentColor" />
              </svg>
            ) : (
              <span className={classNames(styles.mark, isDashed && styles.dashed)} style={{ color }} aria-hidden="true" />
            )}
            <bdi className={styles.name}>{textForChart(name, 48)}</bdi>
          </>
        );
        const isHidden = hidden?.has(key) ?? false;
        return (
          <li key={key} className={styles.item}>
            {onToggle ? (
              <button
                type="button"
                className={classNames(styles.face, styles.button, isHidden && styles.hidden)}
                aria-pressed={!isHidden}
                onClick={() => onToggle(key)}
              >
                {face}
              </button>
            ) : (
              <span className={styles.face}>{face}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
