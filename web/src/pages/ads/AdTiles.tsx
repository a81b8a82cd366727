import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdNumbers } from '../../api/panels';
import { MetricTile, TileGrid } from '../../components/figures/MetricTile';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { MetricHelp } from '../../filters/metrics/MetricHelp';
import { useCatalogue } from '../../filters/reportContext';
import { NOTHING } from '../../format/format';
import { changeOf, senseOf } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';

const TILES = ['ad_starts', 'ad_completes', 'ad_skips', 'ad_completion_rate', 'ad_time_spent'] as const;

interface AdTilesProps {
  query: PanelQuery;
  answer: AdNumbers | undefined;
  before: AdNumbers | undefined;
  timeZone: string;
}

/** The headline numbers of ads, each against the period before. */
export function AdTiles({ query, answer, before, timeZone }: AdTilesProps): ReactNode {
  const { t } = useTranslation('ads');
  const format = useFormat(timeZone);
  const labels = useLabels();
  const catalogue = useCatalogue();
  if (!answer) return <Panel query={query} loadingHeight={88} />;

  const { ad_starts: starts } = answer;
  const ofStarts = (count: number) => (starts === 0 ? NOTHING : t('tiles.ofStarts', { share: format.percent(count / starts) }));
  const count = (value: number) => ({ count: value, shown: format.compact(value) });
  const notes: Record<(typeof TILES)[number], string> = {
    ad_starts: answer.ads_open > 0 ? t('tiles.open', count(answer.ads_open)) : t('tiles.inSessions'),
    ad_completes: ofStarts(answer.ad_completes),
    ad_skips: ofStarts(answer.ad_skips),
    ad_completion_rate: t('tiles.notCompleted', count(answer.ads_not_completed)),
    ad_time_spent:
      starts === 0 ? NOTHING : t('tiles.perAd', { time: format.duration(answer.ad_time_spent / starts) }),
  };
  return (
    <TileGrid label={t('tiles.label')}>
      {TILES.map((name) => {
        const entry = catalogue.metrics.find((metric) => metric.name === name);
        const unit = entry?.unit ?? 'count';
        const former = before?.[name];
        return (
          <MetricTile
            key={name}
            label={labels.metric(name)}
            help={<MetricHelp name={name} />}
            value={format.unitShort(answer[name], unit, name)}
            exact={format.unit(answer[name], unit, name)}
            sense={senseOf(name)}
            note={notes[name]}
            isStale={query.isPlaceholderData === true}
            {...(before ? { change: changeOf(answer[name], former), before: format.unitShort(former, unit, name) } : {})}
          />
        );
      })}
    </TileGrid>
  );
}
