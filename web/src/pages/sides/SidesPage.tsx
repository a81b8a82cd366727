import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useQueryReport } from '../../api/hooks';
import { Button } from '../../components/controls/Button';
import { Columns, Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { useCatalogue } from '../../filters/reportContext';
import { ScopeBar } from '../../filters/ScopeBar';
import { granularityFor } from '../../filters/scopeRange';
import { readSide, sideParams } from '../../filters/sides/sides';
import { queryScope, useChangeOwnParams, useScope } from '../../filters/useScope';
import { MetricChooser } from '../overview/MetricChooser';
import { readChoice } from '../overview/overviewChoice';
import { SideCard } from './SideCard';
import { SidesBreakdown } from './SidesBreakdown';
import { SidesChart } from './SidesChart';
import { SidesTotals } from './SidesTotals';

/** Two sets of sessions side by side: their totals, one metric of both over time, and by a dimension. */
export default function SidesPage(): ReactNode {
  const { t } = useTranslation('sides');
  const scope = useScope();
  const catalogue = useCatalogue();
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const choice = useMemo(() => readChoice(params, catalogue), [params, catalogue]);
  const [a, b] = useMemo(
    () => [readSide('a', params, scope, catalogue), readSide('b', params, scope, catalogue)] as const,
    [params, scope, catalogue],
  );
  const granularity = granularityFor(scope, scope.time_zone);
  const { metrics } = choice;
  const asked = { metrics, granularity };
  const reportA = useQueryReport({ ...queryScope(a.scope), ...asked });
  const reportB = useQueryReport({ ...queryScope(b.scope), ...asked });
  const both = { a: { ...a, report: reportA }, b: { ...b, report: reportB } };
  return (
    <Page>
      <PageHeader
        title={t('title')}
        hint={t('hint')}
        actions={
          <>
            <Button
              icon="swap"
              onClick={() => change({ a: sideParams(b.filters), b: sideParams(a.filters) })}
            >
              {t('swap')}
            </Button>
            <MetricChooser metrics={metrics} onChange={(next) => change({ metrics: next?.join(',') ?? null })} />
          </>
        }
      />
      <ScopeBar fact="sessions" hideCompare />
      <Columns min={340}>
        <SideCard side={a} onChange={(filters) => change({ a: sideParams(filters) })} />
        <SideCard side={b} onChange={(filters) => change({ b: sideParams(filters) })} />
      </Columns>
      <SidesTotals both={both} metrics={metrics} />
      <SidesChart both={both} choice={choice} scope={scope} granularity={granularity} />
      <SidesBreakdown both={both} choice={choice} scope={scope} />
    </Page>
  );
}
