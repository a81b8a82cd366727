import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { BreakNumbers, OtherBreaks } from '../../api/panels';
import type { ChartHandle } from '../../charts/Chart';
import { Button } from '../../components/controls/Button';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { useChangeOwnParams } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import styles from './AdTables.module.css';
import { breaksByOffset, breaksByPosition, lostIn, type BreakGroup, type BreakOrder } from './breakGroups';
import { BreaksChart } from './BreaksChart';

interface BreaksPanelProps {
  query: PanelQuery;
  breaks: readonly BreakNumbers[] | undefined;
  /** The breaks that the list leaves out. */
  other: OtherBreaks | null;
}

/** Where in the content breaks lose viewers. */
export function BreaksPanel({ query, breaks, other }: BreaksPanelProps): ReactNode {
  const { t } = useTranslation('ads');
  const format = useFormat();
  const labels = useLabels();
  const [params] = useSearchParams();
  const changeOwn = useChangeOwnParams();
  const chart = useRef<ChartHandle>(null);
  const order: BreakOrder = params.get('breaks') === 'position' ? 'position' : 'offset';
  const groups = useMemo(
    () => (order === 'offset' ? breaksByOffset(breaks ?? []) : breaksByPosition(breaks ?? [])),
    [breaks, order],
  );
  const names = useMemo(() => {
    const nameOf = ({ from, to, position }: BreakGroup) => {
      if (order === 'position') return position === null ? t('breaks.nowhere') : format.number(position, 0);
      if (from === null || to === null) return t('breaks.nowhere');
      if (to < 1) return t('breaks.start');
      return from === to ? format.clock(from) : `${format.clock(from)}–${format.clock(to)}`;
    };
    return groups.map(nameOf);
  }, [groups, order, format, t]);
  const columns = useBreakColumns();
  const empty = breaks?.length === 0 && (
    <EmptyState icon="ads" title={t('breaks.empty')} hint={t('breaks.emptyHint')} />
  );
  const orders = (['offset', 'position'] as const).map((value) => ({ value, label: t(`breaks.by.${value}`) }));
  return (
    <>
      <Panel
        title={t('breaks.title')}
        hint={t('breaks.hint')}
        query={query}
        loadingHeight={280}
        empty={empty}
        actions={
          <>
            <SegmentedControl
              label={t('breaks.order')}
              options={orders}
              value={order}
              onChange={(value) => changeOwn({ breaks: value === 'offset' ? null : value })}
            />
            <Button kind="quiet" size="small" icon="download" onClick={() => chart.current?.exportPng('playhead-breaks')}>
              PNG
            </Button>
          </>
        }
      >
        <BreaksChart
          groups={groups}
          names={names}
          categoryLabel={labels.dimension(order === 'offset' ? 'pod_offset' : 'pod_position')}
          handle={chart}
        />
      </Panel>
      {breaks !== undefined && breaks.length > 0 && (
        <Panel title={t('breaks.tableTitle')} hint={t('breaks.tableHint')} query={query} flush>
          <DataTable
            caption={t('breaks.tableTitle')}
            columns={columns}
            rows={breaks}
            rowKey={(row) => `${row.pod_position} ${row.pod_offset}`}
            initialSort={{ key: 'viewers', direction: 'descending' }}
            maxHeight={360}
          />
          {other && (
            <p className={styles.note}>
              {t('breaks.cut', {
                listed: format.number(breaks.length, 0),
                others: format.number(other.values, 0),
                viewers: format.number(other.viewers, 0),
                lost: format.number(other.lost_in_ad + other.lost_after_ad, 0),
              })}
            </p>
          )}
        </Panel>
      )}
    </>
  );
}

function useBreakColumns(): Column<BreakNumbers>[] {
  const { t } = useTranslation('ads');
  const format = useFormat();
  const labels = useLabels();
  return useMemo<Column<BreakNumbers>[]>(() => {
    const count = (key: string, label: string, value: (row: BreakNumbers) => number): Column<BreakNumbers> => ({
      key,
      label,
      align: 'end',
      value,
      cell: (row) => format.number(value(row), 0),
    });
    return [
      {
        key: 'offset',
        label: labels.dimension('pod_offset'),
        minWidth: 110,
        grows: true,
        value: (row) => row.pod_offset,
        cell: (row) => (row.pod_offset === null ? t('breaks.nowhere') : format.clock(row.pod_offset)),
      },
      {
        key: 'position',
        label: labels.dimension('pod_position'),
        align: 'end',
        value: (row) => row.pod_position,
        cell: (row) => format.number(row.pod_position, 0),
      },
      {
        key: 'loss',
        label: t('breaks.loss'),
        align: 'end',
        minWidth: 120,
        value: (row) => row.loss_rate,
        cell: (row) => format.percent(row.loss_rate),
        bar: (row) => row.loss_rate,
      },
      count('viewers', t('breaks.before'), (row) => row.viewers),
      count('inAd', t('breaks.lostInAd'), (row) => row.lost_in_ad),
      count('afterAd', t('breaks.lostAfterAd'), (row) => row.lost_after_ad),
      count('after', t('breaks.after'), (row) => row.viewers - lostIn(row)),
    ];
  }, [t, format, labels]);
}
