import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useComparedPanel, usePanel } from '../../api/hooks';
import { Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { ScopeBar } from '../../filters/ScopeBar';
import { useAskedAt, useCatalogue } from '../../filters/reportContext';
import { panelParams, useScope } from '../../filters/useScope';
import { concurrencyRange } from '../content/concurrencyAsk';
import { ConcurrencyPanel } from './ConcurrencyPanel';
import { ConcurrencyTiles } from './ConcurrencyTiles';
import { LINES, mostMs, readChoice } from './concurrencyChoice';
import { PeakContents } from './PeakContents';
import { TimeSpentPanel } from './TimeSpentPanel';
import { useValueNames } from './useValueNames';
import { ValuePeaks } from './ValuePeaks';

/** How many were there at the same time, who and what made the peak, and when time was spent. */
export default function ConcurrencyPage(): ReactNode {
  const { t } = useTranslation('concurrency');
  const scope = useScope();
  const catalogue = useCatalogue();
  const [params] = useSearchParams();
  const { askedAtMs } = useAskedAt();
  const choice = useMemo(() => readChoice(params, catalogue), [params, catalogue]);
  const zone = scope.time_zone;
  const { count, state, granularity, by } = choice;
  const asked = { count, state, granularity };
  const range = concurrencyRange(scope, zone, askedAtMs, mostMs(choice));
  const compared = scope.compared && range && concurrencyRange(scope.compared, zone, askedAtMs, mostMs(choice));
  const query = usePanel(
    'concurrency',
    range && { ...panelParams(scope, range), ...asked, ...(by === null ? {} : { by, limit: LINES }) },
  );
  const answer = range ? query.data : undefined;
  // After the present period, so that the server has fewer queries at a time.
  const before = useComparedPanel('concurrency', compared && answer ? { ...panelParams(scope, compared), ...asked } : null);
  const former = compared ? before.data : undefined;
  const values = useMemo(() => answer?.series.map(({ value }) => value) ?? [], [answer]);
  const names = useValueNames(answer?.by ?? null, values, scope);
  const hasPeak = answer !== undefined && answer.peak.at !== null;
  return (
    <Page>
      <PageHeader title={t('title')} hint={t('hint')} />
      <ScopeBar fact="sessions" />
      {range && <ConcurrencyTiles scope={scope} query={query} answer={answer} before={former} />}
      <ConcurrencyPanel
        {...{ scope, choice, names, answer }}
        query={range ? query : undefined}
        before={former}
      />
      {hasPeak && answer.by !== null && <ValuePeaks {...{ scope, answer, names }} by={answer.by} />}
      {hasPeak && <PeakContents scope={scope} answer={answer} />}
      <TimeSpentPanel scope={scope} by={by} above={values} />
    </Page>
  );
}
