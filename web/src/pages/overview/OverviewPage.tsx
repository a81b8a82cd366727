import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useComparedReport, useQueryReport } from '../../api/hooks';
import { Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { useCatalogue } from '../../filters/reportContext';
import { ScopeBar } from '../../filters/ScopeBar';
import { granularityFor } from '../../filters/scopeRange';
import { TotalTiles } from '../../filters/metrics/TotalTiles';
import { queryScope, useChangeOwnParams, useScope } from '../../filters/useScope';
import { BreakdownPanel } from './BreakdownPanel';
import { MetricChooser } from './MetricChooser';
import { readChoice } from './overviewChoice';
import { SeriesPanel } from './SeriesPanel';

/** Headline metrics with their change, one of them over time, and a breakdown to drill into. */
export default function OverviewPage(): ReactNode {
  const { t } = useTranslation('overview');
  const scope = useScope();
  const catalogue = useCatalogue();
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const choice = useMemo(() => readChoice(params, catalogue), [params, catalogue]);
  const granularity = granularityFor(scope, scope.time_zone);
  const { metrics } = choice;
  const report = useQueryReport({ ...queryScope(scope), metrics, granularity });
  const before = useComparedReport(
    scope.compared && { ...queryScope(scope, scope.compared), metrics, granularity },
  );
  const compared = scope.compared ? before.data : undefined;
  const isComparing = scope.compared !== null && before.isFetching && before.data === undefined;

  return (
    <Page>
      <PageHeader
        title={t('title')}
        actions={<MetricChooser metrics={metrics} onChange={(next) => change({ metrics: next?.join(',') ?? null })} />}
      />
      <ScopeBar fact="sessions" />
      {/* The chart below has the same query, and says why there is no response. */}
      {!(report.error && !report.data) && (
        <TotalTiles
          label={t('headline')}
          metrics={metrics}
          answer={report.data}
          before={compared}
          isStale={report.isPlaceholderData || isComparing}
          hasSparkline
          selected={choice.shown}
          onSelect={(show) => change({ show })}
        />
      )}
      <SeriesPanel
        metric={choice.shown}
        lines={choice.lines}
        query={{ ...report, isPlaceholderData: report.isPlaceholderData || isComparing }}
        answer={report.data}
        before={compared}
        scope={scope}
        granularity={granularity}
      />
      <BreakdownPanel choice={choice} scope={scope} before={compared} />
    </Page>
  );
}
