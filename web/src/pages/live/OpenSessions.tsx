import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSessions } from '../../api/hooks';
import type { SessionRow } from '../../api/sessions';
import { Badge } from '../../components/Badge';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { EmptyState } from '../../components/states/EmptyState';
import { HostileText } from '../../components/text/HostileText';
import { Panel } from '../../components/layout/Panel';
import { useScopedHref } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useIsStale, useLiveStore } from './useLive';

const SHOWN = 25;
const POLL_MS = 5_000;

/** The sessions that began last and are open. */
export function OpenSessions(): ReactNode {
  const { t } = useTranslation('live');
  const { filters } = useLiveStore();
  const sessions = useSessions({ open: true, limit: SHOWN, filters }, { refetchInterval: POLL_MS });
  const isStale = useIsStale();
  const format = useFormat();
  const href = useScopedHref();
  const rows = sessions.data?.pages[0]?.sessions ?? [];
  const columns = useMemo<Column<SessionRow>[]>(
    () => [
      {
        key: 'content',
        label: t('open.content'),
        minWidth: 150,
        grows: true,
        cell: (row) => <HostileText text={row.content_name ?? row.content_id} max={80} />,
      },
      { key: 'started', label: t('open.started'), csv: (row) => row.started_at, cell: (row) => format.timeOfDay(row.started_at) },
      { key: 'player', label: t('open.player'), cell: (row) => <HostileText text={row.player_name} max={20} /> },
      { key: 'channel', label: t('open.channel'), cell: (row) => <HostileText text={row.channel} max={20} /> },
      { key: 'played', label: t('open.played'), align: 'end', unit: 's', csv: (row) => row.media_time_spent, cell: (row) => format.duration(row.media_time_spent) },
      {
        key: 'buffering',
        label: t('open.buffering'),
        align: 'end',
        unit: 's',
        csv: (row) => row.total_buffer_duration,
        cell: (row) => format.duration(row.total_buffer_duration),
      },
      {
        key: 'errors',
        label: t('open.errors'),
        align: 'end',
        csv: (row) => row.error_events,
        cell: (row) =>
          row.error_events > 0 ? <Badge tone="bad">{format.number(row.error_events, 0)}</Badge> : format.number(0),
      },
      { key: 'events', label: t('open.events'), align: 'end', csv: (row) => row.event_count, cell: (row) => format.number(row.event_count, 0) },
    ],
    [t, format],
  );
  const empty = sessions.data !== undefined && rows.length === 0 && (
    <EmptyState
      icon="sessions"
      title={filters === undefined ? t('open.empty') : t('open.emptyFiltered')}
      hint={t('open.emptyHint')}
    />
  );
  return (
    <Panel
      title={t('open.title')}
      hint={t('open.hint')}
      actions={<Link to={href('/sessions')}>{t('open.all')}</Link>}
      query={sessions}
      empty={empty}
      flush={!empty && sessions.data !== undefined}
    >
      <DataTable
        caption={t('open.title')}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.session_id}
        rowHref={(row) => href(`/sessions/${row.session_id}`)}
        isStale={isStale || sessions.isRefetchError}
      />
    </Panel>
  );
}
