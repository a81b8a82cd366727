import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/controls/Button';
import { Combobox } from '../../components/controls/Combobox';
import { Popover } from '../../components/overlays/Popover';
import { useCatalogue } from '../../filters/reportContext';
import { useLabels } from '../../i18n/useLabels';
import styles from './MetricChooser.module.css';
import { sessionMetrics } from './overviewChoice';

interface MetricChooserProps {
  metrics: readonly string[];
  /** Null goes back to the usual ones. */
  onChange: (metrics: string[] | null) => void;
}

/** Adds and removes headline metrics. */
export function MetricChooser({ metrics, onChange }: MetricChooserProps): ReactNode {
  const { t } = useTranslation('overview');
  const catalogue = useCatalogue();
  const labels = useLabels();
  const options = useMemo(
    () =>
      sessionMetrics(catalogue)
        .filter(({ name }) => !metrics.includes(name))
        .map(({ name }) => ({ value: name, label: labels.metric(name), detail: name })),
    [catalogue, labels, metrics],
  );
  return (
    <Popover label={t('metrics.button')} title={t('metrics.title')} button={{ icon: 'plus' }} align="end">
      {() => (
        <div className={styles.chooser}>
          <Combobox
            label={t('metrics.add')}
            placeholder={t('metrics.search')}
            options={options}
            value={null}
            onChange={(name) => onChange([...metrics, name])}
            clearsOnChoice
          />
          <ul className={styles.list}>
            {metrics.map((name) => (
              <li key={name} className={styles.item}>
                <span>{labels.metric(name)}</span>
                <Button
                  kind="quiet"
                  size="small"
                  icon="close"
                  iconOnly
                  disabled={metrics.length === 1}
                  onClick={() => onChange(metrics.filter((other) => other !== name))}
                >
                  {t('metrics.remove', { metric: labels.metric(name) })}
                </Button>
              </li>
            ))}
          </ul>
          <Button kind="quiet" size="small" icon="refresh" onClick={() => onChange(null)}>
            {t('metrics.usual')}
          </Button>
        </div>
      )}
    </Popover>
  );
}
