import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Answer, Cell } from '../../api/query';
import { columnIndex } from '../../api/query';
import { MetricTile, TileGrid } from '../../components/MetricTile';
import type { PanelQuery } from '../../components/Panel';
import { useCatalogue } from '../../filters/reportContext';
import { changeOf, senseOf } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import type { OverviewChoice } from './overviewChoice';

interface HeadlineTilesProps {
  choice: OverviewChoice;
  query: PanelQuery;
  answer: Answer | undefined;
  /** The same of the period before, when it is compared with. */
  before: Answer | undefined;
  timeZone: string;
  onSelect: (metric: string) => void;
}

/** The headline metrics; the one that is picked is drawn over time below. */
export function HeadlineTiles({ choice, query, answer, before, timeZone, onSelect }: HeadlineTilesProps): ReactNode {
  const { t } = useTranslation('overview');
  const catalogue = useCatalogue();
  const format = useFormat(timeZone);
  const labels = useLabels();
  // The chart below is of the same question, and says why there is no answer.
  if (query.error && !answer) return null;
  return (
    <TileGrid label={t('headline')}>
      {choice.metrics.map((name) => {
        const entry = catalogue.metrics.find((metric) => metric.name === name);
        const unit = entry?.unit ?? 'count';
        const total = numberOf(answer?.totals[name]);
        const former = numberOf(before?.totals[name]);
        return (
          <MetricTile
            key={name}
            label={labels.metric(name)}
            definition={entry?.definition}
            value={answer ? format.unitShort(total, unit, name) : '…'}
            exact={answer ? format.unit(total, unit, name) : undefined}
            sense={senseOf(name)}
            {...(before ? { change: changeOf(total, former), before: format.unitShort(former, unit, name) } : {})}
            sparkline={valuesOf(answer, name)}
            isStale={query.isPlaceholderData === true}
            isSelected={choice.shown === name}
            onSelect={() => onSelect(name)}
          />
        );
      })}
    </TileGrid>
  );
}

function numberOf(cell: Cell | undefined): number | null {
  return typeof cell === 'number' ? cell : null;
}

function valuesOf(answer: Answer | undefined, metric: string): (number | null)[] {
  if (!answer) return [];
  const place = columnIndex(answer, metric);
  return answer.rows.map((row) => numberOf(row[place]));
}
