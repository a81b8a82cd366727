import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryReport } from '../../api/hooks';
import type { Answer } from '../../api/query';
import { MetricTile, TileGrid } from '../../components/MetricTile';
import { Panel } from '../../components/Panel';
import { useCatalogue } from '../../filters/reportContext';
import { questionScope, type ReadyScope } from '../../filters/useScope';
import { NOTHING } from '../../format/format';
import { changeOf, senseOf } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';

const TILES = [
  'time_to_start_ms_p50',
  'time_to_start_ms_p95',
  'rebuffer_ratio',
  'average_bitrate_p50',
  'error_rate',
  'stall_impacted_streams',
] as const;

/** Named in the notes below the tiles. */
const NOTED = ['sessions', 'total_buffer_duration', 'error_impacted_streams'] as const;

function numberOf(answer: Answer | undefined, metric: string): number | null {
  const value = answer?.totals[metric];
  return typeof value === 'number' ? value : null;
}

/** The headline numbers of quality, each against the period before. */
export function QualityTiles({ scope }: { scope: ReadyScope }): ReactNode {
  const { t } = useTranslation('quality');
  const format = useFormat(scope.time_zone);
  const labels = useLabels();
  const catalogue = useCatalogue();
  const metrics = [...TILES, ...NOTED];
  const report = useQueryReport({ ...questionScope(scope), metrics });
  // After the present period, so that the server has fewer questions at a time.
  const before = useQueryReport(
    scope.previous && report.data ? { ...questionScope(scope, scope.previous), metrics } : null,
  );
  if (!report.data) return <Panel query={report} loadingHeight={88} />;

  const sessions = numberOf(report.data, 'sessions');
  const stalled = numberOf(report.data, 'stall_impacted_streams');
  const withErrors = numberOf(report.data, 'error_impacted_streams');
  const buffered = numberOf(report.data, 'total_buffer_duration');
  const notes: Record<(typeof TILES)[number], string> = {
    time_to_start_ms_p50: t('tiles.half'),
    time_to_start_ms_p95: t('tiles.slowest'),
    rebuffer_ratio: t('tiles.buffered', { time: format.duration(buffered) }),
    average_bitrate_p50: t('tiles.median'),
    error_rate: t('tiles.withErrors', { count: withErrors ?? 0, shown: format.compact(withErrors) }),
    stall_impacted_streams: t('tiles.ofSessions', {
      share: sessions && stalled !== null ? format.percent(stalled / sessions) : NOTHING,
    }),
  };
  const former = scope.previous ? before.data : undefined;
  return (
    <TileGrid label={t('tiles.label')}>
      {TILES.map((name) => {
        const entry = catalogue.metrics.find((metric) => metric.name === name);
        const unit = entry?.unit ?? 'count';
        const value = numberOf(report.data, name);
        const formerValue = numberOf(former, name);
        const written = (of: number | null) => format.unitShort(of, unit, name);
        return (
          <MetricTile
            key={name}
            label={labels.metric(name)}
            definition={entry?.definition}
            value={written(value)}
            exact={format.unit(value, unit, name)}
            sense={senseOf(name)}
            note={notes[name]}
            isStale={report.isPlaceholderData}
            {...(former ? { change: changeOf(value, formerValue), before: written(formerValue) } : {})}
          />
        );
      })}
    </TileGrid>
  );
}
