import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '../../../api/client';
import type { ExplainAnswer, SessionDetail } from '../../../api/sessions';
import { classNames } from '../../../components/classNames';
import { EmptyState } from '../../../components/states/EmptyState';
import { ErrorState } from '../../../components/states/ErrorState';
import { HostileText } from '../../../components/text/HostileText';
import { Loading } from '../../../components/states/Loading';
import { useLabels } from '../../../i18n/useLabels';
import { Explanation } from './Explanation';
import { metricGroups } from './explanation';
import styles from './MetricsSheet.module.css';
import { useColumnText } from './useColumnText';

interface MetricsSheetProps {
  session: SessionDetail;
  explained: { data: ExplainAnswer | undefined; error: ApiError | null; refetch: () => unknown };
  timeZone: string;
  startMs: number;
  metric: string | null;
  /** Null chooses none. */
  onChoose: (metric: string | null) => void;
  onSelect: (sequence: number) => void;
}

/** Every metric of the session, and what makes up the one that is chosen. */
export function MetricsSheet(props: MetricsSheetProps): ReactNode {
  const { session, explained, timeZone, metric, onChoose } = props;
  const { t } = useTranslation('sessions');
  const labels = useLabels();
  const write = useColumnText(timeZone);
  const metrics = explained.data?.metrics ?? {};
  const valueOf = (name: string): unknown => (name in metrics ? metrics[name]?.value : session[name]);
  return (
    <div className={styles.sheet}>
      <div className={styles.groups}>
        {metricGroups(Object.keys(metrics)).map(({ group, names }) => (
          <section key={group} className={styles.group}>
            <h3 className={styles.title}>{t(`metrics.groups.${group}`)}</h3>
            <ul>
              {names.map((name) => (
                <li key={name}>
                  <button
                    type="button"
                    className={classNames(styles.metric, isNothing(valueOf(name)) && styles.nothing)}
                    aria-pressed={name === metric}
                    onClick={() => onChoose(name === metric ? null : name)}
                  >
                    <span className={styles.name}>{labels.column(name)}</span>
                    <span className={styles.value}>
                      <HostileText text={write(name, valueOf(name))} max={40} />
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <div className={styles.side}>
        <Side {...props} write={write} />
      </div>
    </div>
  );
}

function Side({
  explained,
  metric,
  timeZone,
  startMs,
  onSelect,
  write,
  session,
}: MetricsSheetProps & { write: (name: string, value: unknown) => string }): ReactNode {
  const { t } = useTranslation('sessions');
  if (metric === null) return <EmptyState title={t('metrics.choose')} hint={t('metrics.chooseHint')} />;
  if (explained.error && !explained.data) {
    return <ErrorState error={explained.error} onRetry={() => void explained.refetch()} />;
  }
  if (!explained.data) return <Loading lines={5} />;
  const found = explained.data.metrics[metric];
  if (!found) return <EmptyState title={t('metrics.notExplained')} hint={t('metrics.notExplainedHint')} />;
  return <Explanation key={metric} {...{ metric, timeZone, startMs, onSelect, write, session }} explained={found} />;
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === 0 || value === false || (Array.isArray(value) && value.length === 0);
}
