import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useComparedPanel, usePanel } from '../../api/hooks';
import { Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { ScopeBar } from '../../filters/ScopeBar';
import { panelParams, useScope } from '../../filters/useScope';
import { AdTables } from './AdTables';
import { AdTiles } from './AdTiles';
import { BreaksPanel } from './BreaksPanel';

/** How many ads, advertisers, campaigns and breaks are listed, the most that the panel gives. */
const LISTED = 50;

/** How ads did, and where breaks lose viewers. */
export default function AdsPage(): ReactNode {
  const { t } = useTranslation('ads');
  const scope = useScope('ads');
  const report = usePanel('ads', { ...panelParams(scope), limit: LISTED });
  const before = useComparedPanel(
    'ads',
    // After the present period, so that the server has fewer queries at a time. Breaks take memory for each session,
    // and the tiles do not need them.
    scope.compared && report.data ? { ...panelParams(scope, scope.compared), limit: 1, breaks: 'false' } : null,
  );
  return (
    <Page>
      <PageHeader title={t('title')} hint={t('hint')} />
      <ScopeBar fact="ads" />
      <AdTiles
        query={report}
        answer={report.data}
        before={scope.compared ? before.data : undefined}
        timeZone={scope.time_zone}
      />
      <BreaksPanel query={report} breaks={report.data?.breaks ?? undefined} other={report.data?.other.breaks ?? null} />
      <AdTables scope={scope} query={report} answer={report.data} />
    </Page>
  );
}
