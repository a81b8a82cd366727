import type { ReactNode } from 'react';
import type { Answer } from '../../api/query';
import { MetricTile, TileGrid } from '../../components/MetricTile';
import { useCatalogue } from '../../filters/reportContext';
import { changeOf, senseOf } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';

interface ContentTilesProps {
  label: string;
  metrics: readonly string[];
  answer: Answer;
  /** The same of the period before, when it is compared with. */
  before: Answer | undefined;
  isStale: boolean;
}

/** Totals of some metrics, each against the period before. */
export function ContentTiles({ label, metrics, answer, before, isStale }: ContentTilesProps): ReactNode {
  const format = useFormat();
  const labels = useLabels();
  const catalogue = useCatalogue();
  return (
    <TileGrid label={label}>
      {metrics.map((name) => {
        const entry = catalogue.metrics.find((metric) => metric.name === name);
        const unit = entry?.unit ?? 'count';
        const [value, former] = [totalOf(answer, name), totalOf(before, name)];
        // Rebuffering is mostly below one percent, where one digit says little.
        const written = (of: number | null) =>
          name === 'rebuffer_ratio' ? format.percent(of, 2) : format.unitShort(of, unit, name);
        return (
          <MetricTile
            key={name}
            label={labels.metric(name)}
            definition={entry?.definition}
            value={written(value)}
            exact={format.unit(value, unit, name)}
            sense={senseOf(name)}
            isStale={isStale}
            {...(before ? { change: changeOf(value, former), before: written(former) } : {})}
          />
        );
      })}
    </TileGrid>
  );
}

export function totalOf(answer: Answer | undefined, metric: string): number | null {
  const value = answer?.totals[metric];
  return typeof value === 'number' ? value : null;
}
