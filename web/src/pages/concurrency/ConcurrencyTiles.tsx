import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConcurrencyAnswer } from '../../api/panels';
import { MetricTile, TileGrid } from '../../components/figures/MetricTile';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { useScopedHref, type ReadyScope } from '../../filters/useScope';
import { changeOf } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import { scopeOfPeak } from './concurrencyChoice';

interface ConcurrencyTilesProps {
  scope: ReadyScope;
  query: PanelQuery;
  answer: ConcurrencyAnswer | undefined;
  /** The same of the period that is compared with. */
  before: ConcurrencyAnswer | undefined;
}

/** The peak, which leads to its sessions, and the average. */
export function ConcurrencyTiles({ scope, query, answer, before }: ConcurrencyTilesProps): ReactNode {
  const { t } = useTranslation('concurrency');
  const format = useFormat(scope.time_zone);
  const href = useScopedHref();
  // Why it failed is said by the chart.
  if (!answer) return query.error ? null : <Panel query={query} loadingHeight={88} />;
  const { peak, average, present } = answer;
  const isStale = query.isPlaceholderData === true;
  const compared = (value: number | null, former: number | null | undefined, digits: number) =>
    before && former !== undefined
      ? { change: changeOf(value, former), before: format.number(former, digits) }
      : {};
  return (
    <TileGrid label={t('tiles.label')}>
      <MetricTile
        label={t('tiles.peak')}
        definition={t('tiles.peakMeans')}
        value={format.compact(peak.value)}
        exact={format.number(peak.value, 0)}
        isStale={isStale}
        {...compared(peak.value, before?.peak.value, 0)}
        {...(peak.at === null
          ? {}
          : {
              note: t('tiles.peakNote', { time: `${format.date(peak.at)} ${format.timeOfDay(peak.at)}` }),
              href: href('/sessions', scopeOfPeak(scope.scope, peak.at)),
            })}
      />
      <MetricTile
        label={t('tiles.average')}
        definition={t('tiles.averageMeans')}
        value={average === null ? '–' : format.compact(average)}
        exact={format.number(average, 6)}
        isStale={isStale}
        {...compared(average, before?.average, 2)}
      />
      {present && (
        <MetricTile
          label={t('tiles.present')}
          definition={t('tiles.presentMeans')}
          value={format.compact(present.peak.value)}
          exact={format.number(present.peak.value, 0)}
          isStale={isStale}
          {...compared(present.peak.value, before?.present?.peak.value, 0)}
          {...(present.peak.at === null ? {} : { note: format.dateTime(present.peak.at) })}
        />
      )}
    </TileGrid>
  );
}
