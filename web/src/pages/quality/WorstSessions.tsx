import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge } from '../../components/Badge';
import { textForChart } from '../../components/text/clipText';
import { CopyButton } from '../../components/controls/CopyButton';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { EmptyState } from '../../components/states/EmptyState';
import { HostileText } from '../../components/text/HostileText';
import { Panel } from '../../components/layout/Panel';
import { useScopedHref, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import styles from './ErrorsPanel.module.css';
import { useWorstSessions, type WorstSession } from './useWorstSessions';

/** The sessions whose viewers waited longest; each row leads to what happened in it. */
export function WorstSessions({ scope }: { scope: ReadyScope }): ReactNode {
  const { t } = useTranslation('quality');
  const format = useFormat(scope.time_zone);
  const labels = useLabels();
  const href = useScopedHref();
  const { query, leftOut, sql } = useWorstSessions(scope);
  const rows = query.data ?? [];
  const longest = Math.max(0, ...rows.map(({ buffered, stalled }) => buffered + stalled));
  const columns = useMemo<Column<WorstSession>[]>(
    () => [
      {
        key: 'content',
        label: t('worst.content'),
        minWidth: 190,
        grows: true,
        value: (row) => row.content,
        cell: (row) => <HostileText text={row.content ?? row.sessionId} max={80} quotesBlank />,
      },
      {
        key: 'waited',
        label: t('worst.waited'),
        unit: 's',
        definition: t('worst.waitedHint'),
        align: 'end',
        minWidth: 110,
        value: (row) => row.buffered + row.stalled,
        cell: (row) => format.duration(row.buffered + row.stalled),
        bar: (row) => (longest === 0 ? 0 : (row.buffered + row.stalled) / longest),
      },
      {
        key: 'buffered',
        label: t('worst.buffered'),
        unit: 's',
        align: 'end',
        value: (row) => row.buffered,
        cell: (row) => format.duration(row.buffered),
      },
      {
        key: 'stalled',
        label: t('worst.stalled'),
        unit: 's',
        align: 'end',
        value: (row) => row.stalled,
        cell: (row) => format.duration(row.stalled),
      },
      {
        key: 'errors',
        label: t('worst.errors'),
        align: 'end',
        value: (row) => row.errors,
        cell: ({ errors }) =>
          errors > 0 ? <Badge tone="bad">{format.number(errors, 0)}</Badge> : format.number(errors, 0),
      },
      {
        key: 'startup',
        label: t('worst.startup'),
        unit: 'ms',
        align: 'end',
        value: (row) => row.timeToStartMs,
        cell: (row) => format.milliseconds(row.timeToStartMs),
      },
      {
        key: 'played',
        label: t('worst.played'),
        unit: 's',
        align: 'end',
        value: (row) => row.played,
        cell: (row) => format.duration(row.played),
      },
      {
        key: 'player',
        label: labels.dimension('player_name'),
        value: (row) => row.player,
        cell: (row) => <HostileText text={row.player} max={16} />,
      },
      {
        key: 'started',
        label: labels.column('started_at'),
        value: (row) => (row.startedAt === null ? null : Date.parse(row.startedAt)),
        csv: (row) => row.startedAt,
        cell: (row) => format.dateTime(row.startedAt),
      },
    ],
    [t, format, labels, longest],
  );
  const empty = query.data !== undefined && rows.length === 0 && (
    <EmptyState icon="check" title={t('worst.empty')} hint={t('worst.emptyHint')} />
  );
  const names = leftOut.map((name) => textForChart(labels.dimension(name)));
  return (
    <Panel
      title={t('worst.title')}
      hint={t('worst.hint')}
      actions={
        <CopyButton text={sql} kind="quiet">
          {t('worst.copySql')}
        </CopyButton>
      }
      query={query}
      empty={empty}
      flush={!empty && query.data !== undefined}
    >
      <DataTable
        caption={t('worst.title')}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.sessionId}
        rowHref={(row) => (row.sessionId === '' ? null : href(`/sessions/${encodeURIComponent(row.sessionId)}`))}
        maxHeight={520}
      />
      {names.length > 0 && (
        <p className={styles.note}>
          <bdi>{t('worst.leftOut', { names: names.join(', ') })}</bdi>
        </p>
      )}
    </Panel>
  );
}
