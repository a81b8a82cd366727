import { useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../components/layout/Panel';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { useFormat } from '../../format/useFormat';
import { LiveChart, type LiveLine } from './LiveChart';
import { useLiveStore } from './useLive';

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
      hint={<SinceHint seconds={seconds} />}
      actions={<SegmentedControl label={t('rates.metric')} options={options} value={rate} onChange={setRate} />}
    >
      <LiveChart label={t('rates.label')} lines={lines} seconds={seconds} height={300} />
    </Panel>
  );
}

/** Says where the lines begin, when that lies within the time shown: what happened before was not counted for the filters. */
function SinceHint({ seconds }: { seconds: number }): ReactNode {
  const { t } = useTranslation('live');
  const store = useLiveStore();
  const format = useFormat();
  // A text, so that only another one renders anew.
  return useSyncExternalStore(store.subscribe, () => {
    const { countedFrom, window } = store;
    if (countedFrom === null || window.endSecond === null) return t('rates.hint');
    const isWithin = window.endSecond - countedFrom < seconds;
    return isWithin ? t('rates.since', { time: format.timeOfDay(countedFrom * 1000) }) : t('rates.hint');
  });
}
