import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '../../api/client';
import { useQueryReport } from '../../api/hooks';
import type { BoardPanel } from '../../api/kept';
import type { Filter } from '../../api/query';
import { TimeSeriesChart, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { MOST_CSV_ROWS } from '../../components/tables/CsvButton';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { textForChart } from '../../components/text/clipText';
import { HostileText } from '../../components/text/HostileText';
import { dimensionName } from '../../filters/breakdown/useDimensionColumns';
import { pointsOf } from '../../filters/lines/points';
import { useCatalogue } from '../../filters/reportContext';
import { granularityFor, rangeBetween } from '../../filters/scopeRange';
import { fetchAllSides, fetchSides, SIDES, type SideName, type SidesQuery, type SidesRow, type SidesRows } from '../../filters/sides/sides';
import { useChangeScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import type { PanelViewProps } from '../boards/BoardPanelView';
import { panelQuery } from '../boards/panelRequest';
import { valueColumn } from './valueColumn';

const CHART_HEIGHT = 260;
const USUAL_ROWS = 20;

interface KeptSide {
  name: string;
  filters?: Filter[];
}

/** Two named sets of sessions side by side: a line each over time, or a column each by a dimension. */
export function SidesPanelView(props: PanelViewProps): ReactNode {
  const { common, sides } = partsOf(props.parameters);
  const by = (common['dimensions'] as string[] | undefined)?.[0];
  return by === undefined ? <Lines {...{ ...props, common, sides }} /> : <BothColumns {...{ ...props, common, sides, by }} />;
}

interface PartsProps extends PanelViewProps {
  common: BoardPanel['parameters'];
  sides: Record<SideName, KeptSide>;
}

function partsOf({ a, b, ...common }: BoardPanel['parameters']) {
  // The server took them as two sets.
  return { common, sides: { a: a as KeptSide, b: b as KeptSide } };
}

function Lines({ title, label, scope, actions, common, sides }: PartsProps): ReactNode {
  const { t } = useTranslation('kept');
  const labels = useLabels();
  const catalogue = useCatalogue();
  const changeScope = useChangeScope();
  const zone = scope.time_zone;
  const granularity = granularityFor(scope, zone);
  const base = panelQuery(common, scope);
  const metric = base.metrics[0] ?? '';
  const asked = ({ filters = [] }: KeptSide) => ({ ...base, granularity, filters: [...(base.filters ?? []), ...filters] });
  const [a, b] = [useQueryReport(asked(sides.a)), useQueryReport(asked(sides.b))];
  const [nameA, nameB] = [sides.a.name, sides.b.name];
  const series = useMemo<TimeSeriesLine[]>(
    () => [
      { key: 'a', name: nameA, points: pointsOf(a.data, metric), color: 0 },
      { key: 'b', name: nameB, points: pointsOf(b.data, metric), color: 1 },
    ],
    [a.data, b.data, metric, nameA, nameB],
  );
  const isEmpty = a.data?.rows.length === 0 && b.data?.rows.length === 0;
  return (
    <Panel
      title={title}
      hint={labels.metric(metric)}
      query={{
        isPending: a.isPending || b.isPending,
        isPlaceholderData: a.isPlaceholderData || b.isPlaceholderData,
        error: a.error ?? b.error,
        data: a.data && b.data,
        refetch: () => [a, b].filter(({ error }) => error !== null).map(({ refetch }) => refetch()),
      }}
      loadingHeight={CHART_HEIGHT}
      empty={isEmpty && <EmptyState title={t('board.noData')} hint={t('board.noDataHint')} />}
      actions={actions}
    >
      <TimeSeriesChart
        label={label}
        unit={catalogue.metrics.find(({ name }) => name === metric)?.unit ?? 'count'}
        metric={metric}
        timeZone={zone}
        series={series}
        height={CHART_HEIGHT}
        precision={granularity === 'day' ? 'day' : 'minute'}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, zone, granularity) })}
      />
    </Panel>
  );
}

function BothColumns({ title, label, scope, actions, common, sides, by }: PartsProps & { by: string }): ReactNode {
  const { t } = useTranslation('kept');
  const labels = useLabels();
  const catalogue = useCatalogue();
  const { filters = [], metrics, from, to, time_zone, segment } = panelQuery(common, scope);
  const metric = metrics[0] ?? '';
  const asked: SidesQuery = {
    metric,
    by,
    rows: USUAL_ROWS,
    base: { from, to, time_zone, segment } as SidesQuery['base'],
    filters: { page: filters, a: [...filters, ...(sides.a.filters ?? [])], b: [...filters, ...(sides.b.filters ?? [])] },
  };
  const query = useQuery<SidesRows, ApiError>({
    queryKey: ['sides', asked],
    queryFn: ({ signal }) => fetchSides(asked, catalogue, signal),
    placeholderData: keepPreviousData,
  });
  const columns = useSideColumns(by, metric, sides);
  const hasRows = (query.data?.rows.length ?? 0) > 0;
  const name = `${labels.metric(metric)} · ${textForChart(labels.dimension(by))}`;
  return (
    <Panel
      title={title}
      hint={name}
      query={query}
      empty={query.data && !hasRows && <EmptyState title={t('board.noData')} hint={t('board.noDataHint')} />}
      flush={hasRows}
      actions={actions}
    >
      {query.data && (
        <DataTable
          caption={label}
          columns={columns}
          rows={query.data.rows}
          allRows={() => fetchAllSides({ ...asked, rows: MOST_CSV_ROWS }, catalogue)}
          rowKey={({ value }, place) => `${place} ${String(value).slice(0, 80)}`}
        />
      )}
    </Panel>
  );
}

/** The value, and the number of each set under its name. */
function useSideColumns(by: string, metric: string, sides: Record<SideName, KeptSide>): Column<SidesRow>[] {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const format = useFormat();
  const catalogue = useCatalogue();
  const unit = catalogue.metrics.find(({ name }) => name === metric)?.unit ?? 'count';
  return [
    valueColumn(dimensionName(by, labels), t('breakdown.none')),
    ...SIDES.map(
      (side): Column<SidesRow> => ({
        key: side,
        label: <HostileText text={sides[side].name} max={40} />,
        csvLabel: sides[side].name,
        align: 'end',
        value: (row) => row[side],
        cell: (row) => format.unit(row[side], unit, metric),
        minWidth: 110,
      }),
    ),
  ];
}
