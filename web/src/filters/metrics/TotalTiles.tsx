import type { ReactNode } from 'react';
import type { MetricEntry } from '../../api/catalogue';
import { columnIndex, numberOf, totalOf, type ReportResponse } from '../../api/query';
import { MetricTile, TileGrid } from '../../components/figures/MetricTile';
import { SessionsLink } from '../../components/tables/SessionsLink';
import { changeOf, senseOf } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { MetricHelp } from './MetricHelp';
import { useCatalogue } from '../reportContext';
import { sessionsOf } from './sessionsOf';
import type { ScopeFilter } from '../scope';
import { useSessionsHref } from '../useScope';

interface TotalTilesProps {
  label: string;
  metrics: readonly string[];
  /** The query; without it, the tiles wait. */
  answer: ReportResponse | undefined;
  /** The same of the period that is compared with. */
  before: ReportResponse | undefined;
  isStale: boolean;
  /** What the query is narrowed down to beyond the scope of the address, such as one content. */
  within?: readonly ScopeFilter[];
  /** A line below the value of a metric. */
  notes?: Partial<Record<string, string>>;
  /** Draws the rows of the response, one per time, as a line in the tile. */
  hasSparkline?: boolean;
  /** The metric that is picked, and what a click on a tile does. */
  selected?: string;
  onSelect?: (metric: string) => void;
}

/** Totals of some metrics, each against the period that is compared with. */
export function TotalTiles(props: TotalTilesProps): ReactNode {
  const { label, metrics, answer, before, isStale, within = [], notes, hasSparkline, selected, onSelect } = props;
  const format = useFormat();
  const labels = useLabels();
  const catalogue = useCatalogue();
  const sessionsHref = useSessionsHref();
  const behind = (entry: MetricEntry, value: number | null) => {
    const { isCountOfSessions, filters, order } = sessionsOf(entry, catalogue);
    const narrowed = { filters: [...within, ...filters], ...(order === undefined ? {} : { order }) };
    return { href: sessionsHref(narrowed), count: isCountOfSessions ? value : null };
  };
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
            help={<MetricHelp name={name} />}
            {...(answer && entry ? { link: <SessionsLink {...behind(entry, value)} /> } : {})}
            value={answer ? written(value) : '…'}
            exact={answer ? format.unit(value, unit, name) : undefined}
            sense={senseOf(name)}
            isStale={isStale}
            note={notes?.[name]}
            {...(before ? { change: changeOf(value, former), before: written(former) } : {})}
            {...(hasSparkline ? { sparkline: valuesOf(answer, name) } : {})}
            {...(onSelect ? { isSelected: selected === name, onSelect: () => onSelect(name) } : {})}
          />
        );
      })}
    </TileGrid>
  );
}

function valuesOf(answer: ReportResponse | undefined, metric: string): (number | null)[] {
  if (!answer) return [];
  const place = columnIndex(answer, metric);
  return answer.rows.map((row) => numberOf(row[place]));
}
