import { useMemo, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BoardPanel } from '../../api/kept';
import { Button } from '../../components/controls/Button';
import { Combobox } from '../../components/controls/Combobox';
import { Select } from '../../components/controls/Select';
import { TextField } from '../../components/controls/TextField';
import { DimensionField } from '../../filters/breakdown/DimensionField';
import { DimensionFields } from '../../filters/breakdown/DimensionFields';
import { canName } from '../../filters/breakdown/dimensions';
import { useCatalogue } from '../../filters/reportContext';
import { useLabels } from '../../i18n/useLabels';
import styles from '../../kept/Kept.module.css';
import { sessionMetrics } from '../overview/overviewChoice';

/** Kinds that are made here; two sets side by side come from their page. */
const KINDS = ['series', 'breakdown', 'concurrency', 'quality'] as const;
type Kind = (typeof KINDS)[number];

/** A new panel: what it shows, and of what. */
export function PanelForm({ isPending, onAdd }: { isPending: boolean; onAdd: (panel: BoardPanel) => void }): ReactNode {
  const { t } = useTranslation(['kept', 'content', 'overview']);
  const labels = useLabels();
  const catalogue = useCatalogue();
  const metrics = useMemo(
    () => sessionMetrics(catalogue).map(({ name }) => ({ value: name, label: labels.metric(name), detail: name })),
    [catalogue, labels],
  );
  const [kind, setKind] = useState<Kind>('series');
  const [metric, setMetric] = useState('media_starts');
  const [by, setBy] = useState(['channel']);
  const [lines, setLines] = useState<string | null>(null);
  const [count, setCount] = useState<'sessions' | 'visitors'>('sessions');
  const [state, setState] = useState<'active' | 'playing'>('active');
  const [title, setTitle] = useState('');
  const takesMetric = kind === 'series' || kind === 'breakdown';

  const parameters: Record<Kind, BoardPanel['parameters']> = {
    series: { metrics: [metric], ...(lines === null ? {} : { dimensions: [lines] }) },
    breakdown: { metrics: [metric], dimensions: by, ...(canName(by, catalogue) ? { names: true } : {}), order_by: [`-${metric}`] },
    concurrency: { count, state },
    quality: {},
  };
  const usualTitle = takesMetric ? labels.metric(metric) : t(`panel.kinds.${kind}`);
  const send = (event: FormEvent) => {
    event.preventDefault();
    onAdd({ title: title.trim() === '' ? usualTitle : title, kind, parameters: parameters[kind] });
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <Select
        label={t('panel.kind')}
        value={kind}
        options={KINDS.map((value) => ({ value, label: t(`panel.kinds.${value}`) }))}
        onChange={setKind}
      />
      {takesMetric && <Combobox label={t('panel.metric')} options={metrics} value={metric} onChange={setMetric} />}
      {kind === 'breakdown' && <DimensionFields showLabel by={by} onChange={setBy} />}
      {kind === 'series' && (
        <DimensionField showLabel label={t('overview:lines.by')} by={lines} none={t('overview:lines.none')} onChange={setLines} />
      )}
      {kind === 'concurrency' && (
        <>
          <Select
            label={t('content:concurrency.count')}
            value={count}
            options={(['sessions', 'visitors'] as const).map((value) => ({ value, label: t(`content:concurrency.${value}`) }))}
            onChange={setCount}
          />
          <Select
            label={t('content:concurrency.state')}
            value={state}
            options={(['active', 'playing'] as const).map((value) => ({ value, label: t(`content:concurrency.${value}`) }))}
            onChange={setState}
          />
        </>
      )}
      <TextField
        label={t('panel.title')}
        value={title}
        maxLength={200}
        placeholder={usualTitle}
        onChange={(event) => setTitle(event.target.value)}
      />
      <Button kind="primary" type="submit" disabled={isPending}>
        {t('board.add')}
      </Button>
    </form>
  );
}
