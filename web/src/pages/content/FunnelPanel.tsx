import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePanel } from '../../api/hooks';
import type { FunnelStep } from '../../api/panels';
import { classNames } from '../../components/classNames';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel } from '../../components/layout/Panel';
import { panelParams, type ReadyScope } from '../../filters/useScope';
import { NOTHING } from '../../format/format';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import styles from './FunnelPanel.module.css';

/** The first steps, which need no length. */
const STARTS = 2;

interface FunnelPanelProps {
  scope: ReadyScope;
  /** The content's length, seconds; null when it has none, undefined while it is not known. */
  length: number | null | undefined;
}

/** How many sessions of a content got how far. The scope is that of the content. */
export function FunnelPanel({ scope, length }: FunnelPanelProps): ReactNode {
  const { t } = useTranslation('content');
  const funnel = usePanel('funnel', panelParams(scope));
  const all = funnel.data?.steps ?? [];
  // Without a length, no viewer reaches a share; the chart would look as if all viewers had left.
  const steps = length === null ? all.filter(({ count }, place) => count > 0 || place < STARTS) : all;
  const isEmpty = funnel.data !== undefined && steps.every(({ count }) => count === 0);
  const doesRise = steps.some(({ count }, place) => count > (steps[place - 1]?.count ?? count));
  const hints = [
    t('funnel.hint'),
    ...(doesRise ? [t('funnel.rises')] : []),
    ...(length === null ? [t('funnel.noLength')] : []),
  ];
  return (
    <Panel
      title={t('funnel.title')}
      hint={hints.reduce((first, second) => t('sentences', { first, second }))}
      query={funnel}
      loadingHeight={296}
      empty={isEmpty && <EmptyState icon="filter" title={t('funnel.empty')} hint={t('funnel.emptyHint')} />}
    >
      <Steps steps={steps} />
    </Panel>
  );
}

function Steps({ steps }: { steps: readonly FunnelStep[] }): ReactNode {
  const { t } = useTranslation('content');
  const format = useFormat();
  const labels = useLabels();
  // Sessions that go on with an earlier one are no media starts, so that a later step can be the largest.
  const most = Math.max(1, ...steps.map(({ count }) => count));
  const drops = steps.map(({ count }, place) => Math.max(0, (steps[place - 1]?.count ?? count) - count));
  const largest = Math.max(...drops);
  return (
    <table className={styles.steps}>
      <caption className="visually-hidden">{t('funnel.title')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('funnel.step')}</th>
          <th scope="col" className={styles.barHead} aria-hidden="true" />
          <th scope="col">{t('funnel.sessions')}</th>
          <th scope="col">{t('funnel.share')}</th>
          <th scope="col">{t('funnel.lost')}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(({ step, count, share_of_first }, place) => {
          const drop = drops[place] ?? 0;
          const isLargest = drop > 0 && drop === largest;
          const before = steps[place - 1]?.count ?? count;
          return (
            <tr key={step}>
              <th scope="row">{labels.metric(step)}</th>
              <td className={styles.barCell} aria-hidden="true">
                <span className={styles.lost} style={{ width: `${(before / most) * 100}%` }} />
                <span className={styles.bar} style={{ width: `${(count / most) * 100}%` }} />
              </td>
              <td className={styles.count}>{format.number(count, 0)}</td>
              <td className={styles.share}>{format.percent(share_of_first)}</td>
              <td
                className={classNames(styles.drop, isLargest && styles.largest)}
                title={isLargest ? t('funnel.largest') : undefined}
              >
                {drop === 0 ? (
                  NOTHING
                ) : (
                  <>
                    {`−${format.percent(drop / before)}`}
                    <span className={styles.dropCount}>{format.compact(drop)}</span>
                  </>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
