import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { MetricEntry } from '../../api/catalogue';
import { HelpButton } from '../../components/overlays/HelpButton';
import { useFormat } from '../../format/useFormat';
import type en from '../../i18n/en';
import { useLabels } from '../../i18n/useLabels';
import { ruleOf, type MetricRule } from './metricExample';
import styles from './MetricHelp.module.css';
import { useCatalogue } from '../reportContext';

/** The help button of a metric; nothing for a name that the server does not know. */
export function MetricHelp({ name }: { name: string }): ReactNode {
  const { t } = useTranslation('help');
  const labels = useLabels();
  const entry = useCatalogue().metrics.find((metric) => metric.name === name);
  if (!entry) return null;
  const label = labels.metric(name);
  return (
    <HelpButton label={t('button', { name: label })} title={label}>
      <Explanation entry={entry} />
    </HelpButton>
  );
}

function Explanation({ entry }: { entry: MetricEntry }): ReactNode {
  const { t } = useTranslation('help');
  const rule = ruleOf(entry);
  return (
    <dl className={styles.list}>
      <dt>{t('meaning')}</dt>
      <dd>
        <Meaning entry={entry} rule={rule} />
      </dd>
      <dt>{t('unit')}</dt>
      <dd>{t(`units.${entry.unit}`)}</dd>
      <dt>{t('rule')}</dt>
      <dd>
        <Rule rule={rule} />
      </dd>
      <dt>{t('example')}</dt>
      <dd>
        <Example entry={entry} rule={rule} />
      </dd>
      <dt>{t('name')}</dt>
      <dd>
        <code>{entry.name}</code> <code className={styles.formula}>{entry.formula}</code>
      </dd>
    </dl>
  );
}

type Known = keyof (typeof en)['help']['metrics'];

function Meaning({ entry, rule }: { entry: MetricEntry; rule: MetricRule }): ReactNode {
  const { t, i18n } = useTranslation('help');
  const labels = useLabels();
  const format = useFormat();
  if (rule.kind === 'quantile') {
    return t('metrics.quantile', { percent: format.percent(rule.share, 0), metric: labels.column(rule.of) });
  }
  if (i18n.exists(`help:metrics.${entry.name}`)) return t(`metrics.${entry.name as Known}`);
  if (entry.name.endsWith('_impacted_streams')) return t('metrics.stateSessions');
  if (entry.name.endsWith('_count')) return t('metrics.stateCount');
  return entry.name.endsWith('_time') ? t('metrics.stateTime') : entry.definition;
}

function Rule({ rule }: { rule: MetricRule }): ReactNode {
  const { t } = useTranslation('help');
  const labels = useLabels();
  if (rule.kind !== 'ratio') return t(`rules.${rule.kind}`);
  const below = rule.below.map(labels.metric).join(' + ');
  const scale = rule.scale === 1 ? '' : ` ÷ ${rule.scale}`;
  return `${labels.metric(rule.above)}${scale} ÷ ${rule.below.length > 1 ? `(${below})` : below}`;
}

function Example({ entry, rule }: { entry: MetricEntry; rule: MetricRule }): ReactNode {
  const { t } = useTranslation('help');
  const labels = useLabels();
  const format = useFormat();
  const { metrics } = useCatalogue();
  const own = (value: number) => format.unit(value, entry.unit, entry.name);
  const result = own(rule.result);
  switch (rule.kind) {
    case 'sum': {
      const [one, two, three] = rule.values.map(own);
      return t('examples.sum', { one, two, three, result });
    }
    case 'flag':
    case 'distinct':
      return t(`examples.${entry.name === 'sessions' ? 'distinct' : rule.kind}`, { result });
    case 'mean': {
      const [one, two] = rule.values.map(own);
      return t('examples.mean', { one, two, result });
    }
    case 'halfHours':
    case 'audience': {
      const [one, two, three] = rule.seconds.map((seconds) => format.duration(seconds));
      return t(`examples.${rule.kind}`, { one, two, three, result });
    }
    case 'quantile':
      return t('examples.quantile', { values: rule.values.map(own).join(' · '), result });
    case 'ratio': {
      const written = (value: number, name: string) =>
        format.unit(value, metrics.find((metric) => metric.name === name)?.unit ?? 'count', name);
      const below = rule.below.map(labels.metric).join(' + ');
      const [one, two] = [written(rule.values[0], rule.above), written(rule.values[1], rule.below[0] ?? '')];
      return t('examples.ratio', { above: labels.metric(rule.above), below, one, two, result });
    }
  }
}
