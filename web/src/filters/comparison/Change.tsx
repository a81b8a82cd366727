import type { ReactNode } from 'react';
import { classNames } from '../../components/classNames';
import { senseOf } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import styles from './Comparison.module.css';

/** A change as a share, in the colour of whether it is good that the metric rises; null where there is none to speak of. */
export function Change({ metric, share }: { metric: string; share: number | null }): ReactNode {
  const format = useFormat();
  const sense = senseOf(metric);
  const isFlat = share === null || Math.abs(share) < 0.0005 || sense === 'neutral';
  const tone = isFlat ? undefined : share > 0 === (sense === 'good') ? styles.good : styles.bad;
  return <span className={classNames(tone)}>{share === null ? '–' : format.change(share)}</span>;
}
