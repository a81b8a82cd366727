import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionRow } from '../../../api/sessions';
import { Badge } from '../../../components/Badge';
import type { Column } from '../../../components/tables/DataTable';
import { HostileText } from '../../../components/text/HostileText';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import { VisitorText } from '../visitor/VisitorText';
import styles from './SessionListPage.module.css';

/** The columns of lists of sessions. */
export function useSessionColumns(timeZone: string): Column<SessionRow>[] {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  return useMemo<Column<SessionRow>[]>(
    () => [
      {
        key: 'started_at',
        value: (row) => Date.parse(row.started_at),
        label: t('list.started'),
        csv: (row) => row.started_at,
        cell: (row) => <span title={format.exactTime(row.started_at)}>{format.dateTime(row.started_at)}</span>,
      },
      {
        key: 'content',
        label: t('list.content'),
        minWidth: 120,
        grows: true,
        cell: (row) => <HostileText text={row.content_name ?? row.content_id} max={80} />,
      },
      { key: 'visitor', label: t('list.visitor'), csv: visitorOf, cell: (row) => <VisitorText id={visitorOf(row)} max={11} mono /> },
      { key: 'player', label: t('list.player'), cell: (row) => <HostileText text={row.player_name} max={14} /> },
      {
        key: 'time_to_start_ms',
        label: t('list.startup'),
        align: 'end',
        unit: 'ms',
        value: (row) => row.time_to_start_ms,
        cell: (row) => format.milliseconds(row.time_to_start_ms),
      },
      {
        key: 'qoe_score',
        label: t('list.score'),
        align: 'end',
        value: (row) => row.qoe_score,
        cell: (row) => format.number(row.qoe_score, 1),
      },
      { key: 'state', label: t('list.state'), csv: (row) => (row.is_open ? t('list.open') : labels.value(row.close_reason ?? '')), cell: (row) => <SessionState row={row} /> },
      { key: 'media_time_spent', value: (row) => row.media_time_spent, label: t('list.played'), align: 'end', unit: 's', csv: (row) => row.media_time_spent, cell: (row) => format.duration(row.media_time_spent) },
      { key: 'event_count', value: (row) => row.event_count, label: t('list.events'), align: 'end', csv: (row) => row.event_count, cell: (row) => format.number(row.event_count, 0) },
      {
        key: 'error_events',
        value: (row) => row.error_events,
        label: t('list.errors'),
        align: 'end',
        csv: (row) => row.error_events,
        cell: (row) =>
          row.error_events > 0 ? <Badge tone="bad">{format.number(row.error_events, 0)}</Badge> : format.number(0),
      },
      {
        key: 'diagnoses',
        label: t('list.diagnoses'),
        csv: ({ diagnoses }) => diagnoses.map((name) => labels.diagnosis(name).title).join('; '),
        cell: ({ diagnoses }) => {
          const [first] = diagnoses;
          if (!first) return null;
          return (
            <span className={styles.badges} title={diagnoses.map((name) => labels.diagnosis(name).title).join('\n')}>
              <Badge tone="warn">{labels.diagnosis(first).title}</Badge>
              {diagnoses.length > 1 && <Badge tone="warn">{t('list.moreDiagnoses', { count: diagnoses.length - 1 })}</Badge>}
            </span>
          );
        },
      },
    ],
    [t, format, labels],
  );
}

const SHORT_REASONS = ['session_end', 'idle_10m', 'idle_playhead_30m', 'downloaded'] as const;

type VisitorIds = Pick<SessionRow, 'marketing_cloud_user_id' | 'visitor_id' | 'app_installation_id'>;

/** Who watched, as the server counts it: the first id that is not empty. */
export function visitorOf(row: VisitorIds): string | null {
  return row.marketing_cloud_user_id || row.visitor_id || row.app_installation_id || null;
}

/** Whether a session is open, or why it closed. */
export function SessionState({ row }: { row: SessionRow }): ReactNode {
  const { t } = useTranslation('sessions');
  const labels = useLabels();
  if (row.is_open) {
    return (
      <Badge tone="good" dot>
        {t('list.open')}
      </Badge>
    );
  }
  const short = SHORT_REASONS.find((name) => name === row.close_reason);
  return (
    <span title={labels.value(row.close_reason ?? '')}>
      <Badge>{short ? t(`list.reasons.${short}`) : labels.value(row.close_reason ?? 'none')}</Badge>
    </span>
  );
}
