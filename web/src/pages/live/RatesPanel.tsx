import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../components/layout/Panel';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { LiveChart, type LiveLine } from './LiveChart';

const RATES = {
  events: { name: 'events', color: 0 },
  starts: { name: 'media_starts', color: 2 },
  errors: { name: 'errors', color: 3 },
  buffering: { name: 'sessions_buffering', color: 5 },
} as const;

type Rate = keyof typeof RATES;

/** Rates per second: one measure at a time, because they differ by orders of magnitude. */
export function RatesPanel({ seconds }: { seconds: number }): ReactNode {
  const { t } = useTranslation('live');
  const [rate, setRate] = useState<Rate>('events');
  const lines = useMemo<LiveLine[]>(() => [{ ...RATES[rate], label: t(`rates.${rate}`), isArea: true }], [rate, t]);
  const options = (Object.keys(RATES) as Rate[]).map((value) => ({ value, label: t(`rates.${value}`) }));
  return (
    <Panel
      title={t('rates.title')}
      hint={t('rates.hint')}
      actions={<SegmentedControl label={t('rates.metric')} options={options} value={rate} onChange={setRate} />}
    >
      <LiveChart label={t('rates.label')} lines={lines} seconds={seconds} height={300} />
    </Panel>
  );
}
