import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useComparedReport, useQueryReport } from '../../api/hooks';
import { totalOf } from '../../api/query';
import { Panel } from '../../components/layout/Panel';
import { TotalTiles } from '../../filters/metrics/TotalTiles';
import { queryScope, type ReadyScope } from '../../filters/useScope';
import { NOTHING } from '../../format/format';
import { useFormat } from '../../format/useFormat';

const TILES = [
  'qoe_score',
  'start_failures',
  'time_to_start_ms_p50',
  'time_to_start_ms_p95',
  'rebuffer_ratio',
  'average_bitrate_p50',
  'error_rate',
  'stall_impacted_streams',
] as const;

/** Named in the notes below the tiles. */
const NOTED = ['sessions', 'total_buffer_duration', 'error_impacted_streams'] as const;

/** The headline numbers of quality, each against the period before. */
export function QualityTiles({ scope }: { scope: ReadyScope }): ReactNode {
  const { t } = useTranslation('quality');
  const format = useFormat(scope.time_zone);
  const metrics = [...TILES, ...NOTED];
  const report = useQueryReport({ ...queryScope(scope), metrics });
  // After the present period, so that the server has fewer queries at a time.
  const before = useComparedReport(
    scope.compared && report.data ? { ...queryScope(scope, scope.compared), metrics } : null,
  );
  if (!report.data) return <Panel query={report} loadingHeight={88} />;

  const sessions = totalOf(report.data, 'sessions');
  const failed = totalOf(report.data, 'start_failures');
  const stalled = totalOf(report.data, 'stall_impacted_streams');
  const withErrors = totalOf(report.data, 'error_impacted_streams');
  const buffered = totalOf(report.data, 'total_buffer_duration');
  const notes: Record<(typeof TILES)[number], string> = {
    qoe_score: t('tiles.score'),
    start_failures: t('tiles.ofSessions', {
      share: sessions && failed !== null ? format.percent(failed / sessions) : NOTHING,
    }),
    time_to_start_ms_p50: t('tiles.half'),
    time_to_start_ms_p95: t('tiles.slowest'),
    rebuffer_ratio: t('tiles.buffered', { time: format.duration(buffered) }),
    average_bitrate_p50: t('tiles.median'),
    error_rate: t('tiles.withErrors', { count: withErrors ?? 0, shown: format.compact(withErrors) }),
    stall_impacted_streams: t('tiles.ofSessions', {
      share: sessions && stalled !== null ? format.percent(stalled / sessions) : NOTHING,
    }),
  };
  return (
    <TotalTiles
      label={t('tiles.label')}
      metrics={TILES}
      answer={report.data}
      before={scope.compared ? before.data : undefined}
      isStale={report.isPlaceholderData}
      notes={notes}
    />
  );
}
