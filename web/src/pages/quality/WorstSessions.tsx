import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useSessions } from '../../api/hooks';
import type { SessionRow } from '../../api/sessions';
import { Badge } from '../../components/Badge';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { SessionsLink } from '../../components/tables/SessionsLink';
import { orderOf, sortOf } from '../../components/tables/tableOrder';
import { EmptyState } from '../../components/states/EmptyState';
import { HostileText } from '../../components/text/HostileText';
import { Panel } from '../../components/layout/Panel';
import { apiFilter } from '../../filters/scopeFilters';
import { panelParams, useChangeOwnParams, useScopedHref, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { readWorst, USUAL_WORST, worstFilter, WORST_BY } from './worstOrder';

const SHOWN = 25;

/** The sessions whose viewers had the worst of it; each row leads to what happened in it. */
export function WorstSessions({ scope }: { scope: ReadyScope }): ReactNode {
  const { t } = useTranslation('quality');
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const href = useScopedHref();
  const sessionsHref = useSessionsHref();
  const columns = useColumns(scope.time_zone);
  const order = readWorst(params.get('worst'));
  const filter = worstFilter(order);
  const query = useSessions({
    ...panelParams({ ...scope, filters: [...scope.filters, apiFilter(filter)] }),
    order_by: order,
    limit: SHOWN,
  });
  const page = query.data?.pages[0];
  const rows = page?.sessions ?? [];
  const total = page?.total ?? null;
  const empty = page !== undefined && rows.length === 0 && (
    <EmptyState icon="check" title={t('worst.empty')} hint={t('worst.emptyHint')} />
  );
  return (
    <Panel
      title={t('worst.title')}
      hint={t('worst.hint')}
      actions={
        rows.length > 0 && <SessionsLink href={sessionsHref({ filters: [filter], order })} count={total} hasText />
      }
      query={query}
      empty={empty}
      flush={!empty && page !== undefined}
    >
      <DataTable
        caption={t('worst.title')}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.session_id}
        rowHref={(row) => href(`/sessions/${row.session_id}`)}
        sort={sortOf(order)}
        onSort={(sort) => change({ worst: orderOf(sort) === USUAL_WORST ? null : orderOf(sort) })}
        maxHeight={520}
        isStale={query.isPlaceholderData}
      />
    </Panel>
  );
}

function useColumns(timeZone: string): Column<SessionRow>[] {
  const { t } = useTranslation('quality');
  const format = useFormat(timeZone);
  const labels = useLabels();
  return useMemo<Column<SessionRow>[]>(() => {
    const written: Record<(typeof WORST_BY)[number], Pick<Column<SessionRow>, 'label' | 'cell' | 'unit' | 'title'>> = {
      qoe_score: { label: t('worst.score'), cell: (row) => format.number(row.qoe_score, 1) },
      total_buffer_duration: { label: t('worst.buffered'), unit: 's', cell: (row) => format.duration(row.total_buffer_duration) },
      total_stall_duration: { label: t('worst.stalled'), unit: 's', cell: (row) => format.duration(row.total_stall_duration) },
      error_events: {
        label: t('worst.errors'),
        cell: ({ error_events: errors }) =>
          errors > 0 ? <Badge tone="bad">{format.number(errors, 0)}</Badge> : format.number(errors, 0),
      },
      time_to_start_ms: { label: t('worst.startup'), unit: 'ms', cell: (row) => format.milliseconds(row.time_to_start_ms) },
      media_time_spent: { label: t('worst.played'), unit: 's', cell: (row) => format.duration(row.media_time_spent) },
    };
    const ordered = WORST_BY.map((key): Column<SessionRow> => ({ key, align: 'end', value: (row) => row[key], ...written[key] }));
    return [
      {
        key: 'content',
        label: t('worst.content'),
        minWidth: 190,
        grows: true,
        csv: contentOf,
        cell: (row) => <HostileText text={contentOf(row) ?? row.session_id} max={80} quotesBlank />,
      },
      ...ordered,
      {
        key: 'player',
        label: labels.dimension('player_name'),
        csv: (row) => row.player_name,
        cell: (row) => <HostileText text={row.player_name} max={16} />,
      },
      {
        key: 'started',
        label: labels.column('started_at'),
        csv: (row) => row.started_at,
        cell: (row) => format.dateTime(row.started_at),
      },
    ];
  }, [t, format, labels]);
}

function contentOf(row: SessionRow): string | null {
  return row.content_name ?? row.content_id;
}
