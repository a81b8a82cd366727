import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { LiveContent } from '../../api/live';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { EmptyState } from '../../components/states/EmptyState';
import { HostileText } from '../../components/text/HostileText';
import { Panel } from '../../components/layout/Panel';
import { textForChart } from '../../components/text/clipText';
import { useScopedHref } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { contentPath } from '../content/contentAddress';
import styles from './NowPlaying.module.css';
import { useIsStale, useLiveSnapshot, useLiveStore } from './useLive';

/** The contents with the most sessions at this moment. */
export function NowPlaying(): ReactNode {
  const { t } = useTranslation('live');
  const { message } = useLiveSnapshot();
  const isFiltered = useLiveStore().filters !== undefined;
  const isStale = useIsStale();
  const format = useFormat();
  const labels = useLabels();
  const href = useScopedHref();
  const rows = message?.content ?? [];
  const most = rows[0]?.sessions_active ?? 0;
  const columns = useMemo<Column<LiveContent>[]>(() => {
    const number = (value: number) => format.number(value, 0);
    return [
      {
        key: 'name',
        label: t('content.name'),
        minWidth: 100,
        grows: true,
        cell: (row) => (
          <span className={styles.content}>
            <HostileText text={row.content_name ?? row.content_id} max={80} />
            {row.content_type && (
              <span className={styles.type}>{textForChart(labels.segment(row.content_type), 24)}</span>
            )}
          </span>
        ),
      },
      {
        key: 'sessions',
        label: t('content.sessions'),
        align: 'end',
        csv: (row) => row.sessions_active,
        cell: (row) => number(row.sessions_active),
        bar: (row) => (most === 0 ? 0 : row.sessions_active / most),
      },
      { key: 'playing', label: t('content.playing'), align: 'end', csv: (row) => row.sessions_playing, cell: (row) => number(row.sessions_playing) },
      { key: 'viewers', label: t('content.viewers'), align: 'end', csv: (row) => row.viewers_active, cell: (row) => number(row.viewers_active) },
    ];
  }, [t, format, labels, most]);
  const count = message?.content_count ?? 0;
  const nothing = isFiltered ? (
    <EmptyState icon="search" title={t('content.emptyFiltered')} hint={t('content.emptyFilteredHint')} />
  ) : (
    <EmptyState
      icon="play"
      title={t('content.empty')}
      hint={t('content.emptyHint')}
      actions={<Link to="/connect">{t('content.connect')}</Link>}
    />
  );
  const empty = message !== null && rows.length === 0 && nothing;
  return (
    <Panel
      title={t('content.title')}
      hint={count === 0 ? '\u00a0' : t('content.hint', { count, shown: format.number(count, 0) })}
      query={{ isPending: message === null, error: null }}
      empty={empty}
      flush={!empty && message !== null}
    >
      <DataTable
        caption={t('content.title')}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.content_id}
        rowHref={(row) => {
          const path = contentPath(row.content_id);
          return path === null ? null : href(path);
        }}
        maxHeight={330}
        isStale={isStale}
      />
    </Panel>
  );
}
