import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useComparedPanel, usePanel } from '../../api/hooks';
import { Columns, Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { ScopeBar } from '../../filters/ScopeBar';
import { granularityFor } from '../../filters/scopeRange';
import { panelParams, useScope } from '../../filters/useScope';
import { BitratePanel } from './BitratePanel';
import { ErrorsPanel } from './ErrorsPanel';
import { QualityTiles } from './QualityTiles';
import { FailuresPanel, RebufferPanel, StartupPanel } from './SeriesPanels';
import { WorsenedPanel } from './WorsenedPanel';
import { WorstSessions } from './WorstSessions';

/** How many rows each list of errors has, the most that the panel gives. */
const LISTED = 50;

/** How well it played: startup, buffering, bitrates, errors, and the sessions that suffered most. */
export default function QualityPage(): ReactNode {
  const { t } = useTranslation('quality');
  const scope = useScope();
  const granularity = granularityFor(scope, scope.time_zone);
  const report = usePanel('quality', { ...panelParams(scope), granularity, limit: LISTED });
  const before = useComparedPanel(
    'quality',
    // After the present period, so that the server has fewer queries at a time.
    scope.compared && report.data ? { ...panelParams(scope, scope.compared), granularity, limit: 1 } : null,
  );
  const parts = { scope, granularity, query: report, answer: report.data };
  const formerSeries = scope.compared ? before.data?.series : undefined;
  return (
    <Page>
      <PageHeader title={t('title')} hint={t('hint')} />
      <ScopeBar fact="sessions" />
      <QualityTiles scope={scope} />
      <FailuresPanel {...parts} before={formerSeries} />
      <WorsenedPanel scope={scope} />
      <StartupPanel {...parts} before={formerSeries} />
      <Columns min={420}>
        <RebufferPanel {...parts} before={formerSeries} />
        <BitratePanel query={report} answer={report.data} />
      </Columns>
      <ErrorsPanel scope={scope} query={report} answer={report.data} />
      <WorstSessions scope={scope} />
    </Page>
  );
}
