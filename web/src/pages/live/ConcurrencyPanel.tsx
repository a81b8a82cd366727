import { useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { seriesColor } from '../../charts/chartTheme';
import { Legend } from '../../charts/Legend';
import { Panel } from '../../components/layout/Panel';
import { useFormat } from '../../format/useFormat';
import { LiveChart, type LiveLine } from './LiveChart';
import { SpanControl } from './SpanControl';
import { useLiveStore } from './useLive';

/** Sessions and viewers at the same time, by second. */
export function ConcurrencyPanel({ seconds }: { seconds: number }): ReactNode {
  const { t } = useTranslation('live');
  const lines = useMemo<LiveLine[]>(
    () => [
      { name: 'sessions_active', label: t('concurrency.sessions'), color: 0, isArea: true },
      { name: 'sessions_playing', label: t('concurrency.playing'), color: 2 },
      { name: 'viewers_active', label: t('concurrency.viewers'), color: 1 },
      { name: 'sessions_silent', label: t('concurrency.silent'), color: 5 },
    ],
    [t],
  );
  return (
    <Panel title={t('concurrency.title')} hint={<PeakHint seconds={seconds} />} actions={<SpanControl />}>
      <Legend items={lines.map(({ name, label, color }) => ({ key: name, name: label, color: seriesColor(color) }))} />
      <LiveChart label={t('concurrency.label')} lines={lines} seconds={seconds} height={260} />
    </Panel>
  );
}

function PeakHint({ seconds }: { seconds: number }): ReactNode {
  const { t } = useTranslation('live');
  const store = useLiveStore();
  const format = useFormat();
  // A text, so that only a new peak renders anew.
  return useSyncExternalStore(store.subscribe, () => {
    const peak = store.window.peak('sessions_active', seconds);
    if (!peak) return '\u00a0';
    return t('concurrency.peak', { value: format.number(peak.value, 0), time: format.timeOfDay(peak.second * 1000) });
  });
}
