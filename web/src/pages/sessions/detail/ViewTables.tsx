import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdRow, ChapterRow, ErrorRow } from '../../../api/sessions';
import { Badge, type Tone } from '../../../components/Badge';
import { DataTable, type Column } from '../../../components/tables/DataTable';
import { EmptyState } from '../../../components/states/EmptyState';
import { HostileText } from '../../../components/text/HostileText';
import { NOTHING } from '../../../format/format';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import { exactSeconds } from '../events/exactText';

interface ViewTableProps<Row> {
  rows: readonly Row[];
  timeZone: string;
}

type ViewRow = Record<string, unknown>;

interface CellColumns<Row> {
  /** The time of day of a column, with the exact one on hover. */
  time: (key: string, name: keyof Row & string) => Column<Row>;
  /** Seconds to the millisecond. */
  seconds: (key: string, name: keyof Row & string, label?: string) => Column<Row>;
}

/** The columns that the tables of views share, by the name in a row. */
function useCellColumns<Row extends ViewRow>(timeZone: string): CellColumns<Row> {
  const format = useFormat(timeZone);
  const labels = useLabels();
  return useMemo(
    () => ({
      time: (key, name) => ({
        key,
        label: labels.column(name),
        value: (row) => row[name] as string,
        cell: (row) => (
          <span title={format.exactTime(row[name] as string)}>{format.timeOfDay(row[name] as string)}</span>
        ),
      }),
      seconds: (key, name, label = labels.column(name)) => ({
        key,
        label,
        align: 'end',
        unit: 's',
        value: (row) => row[name] as number | null,
        cell: (row) => (row[name] === null ? NOTHING : exactSeconds(format, row[name] as number)),
      }),
    }),
    [format, labels],
  );
}

export function AdsTable({ rows, timeZone }: ViewTableProps<AdRow>): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  const { time, seconds } = useCellColumns<AdRow>(timeZone);
  const columns = useMemo<Column<AdRow>[]>(
    () => [
      {
        key: 'name',
        label: labels.column('ad_name'),
        minWidth: 130,
        grows: true,
        cell: (row) => <HostileText text={row.ad_name ?? row.ad_id} max={80} />,
      },
      { key: 'id', label: labels.column('ad_id'), cell: (row) => <HostileText text={row.ad_id} max={30} mono /> },
      { key: 'pod', label: labels.column('pod_name'), cell: (row) => <HostileText text={row.pod_name} max={24} /> },
      {
        key: 'position',
        label: labels.column('ad_pod_position'),
        align: 'end',
        value: (row) => row.ad_pod_position,
        cell: (row) => format.number(row.ad_pod_position, 0),
      },
      { key: 'advertiser', label: labels.column('advertiser'), cell: (row) => <HostileText text={row.advertiser} max={24} /> },
      { key: 'campaign', label: labels.column('campaign_id'), cell: (row) => <HostileText text={row.campaign_id} max={24} /> },
      time('started', 'ad_started_at'),
      seconds('length', 'ad_length', t('tables.length')),
      seconds('played', 'time_played'),
      { key: 'end', label: labels.column('end'), csv: (row) => (row.end === null ? t('tables.under') : labels.value(row.end)), cell: (row) => <End end={row.end} /> },
    ],
    [t, format, labels, time, seconds],
  );
  if (rows.length === 0) return <EmptyState icon="ads" title={t('tables.noAdsTitle')} hint={t('tables.noAdsHint')} />;
  return <DataTable caption={t('tabs.ads')} columns={columns} rows={rows} rowKey={(_, place) => place} maxHeight={480} />;
}

export function ChaptersTable({ rows, timeZone }: ViewTableProps<ChapterRow>): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  const { time, seconds } = useCellColumns<ChapterRow>(timeZone);
  const columns = useMemo<Column<ChapterRow>[]>(
    () => [
      {
        key: 'position',
        label: labels.column('chapter_position'),
        align: 'end',
        value: (row) => row.chapter_position,
        cell: (row) => format.number(row.chapter_position, 0),
      },
      {
        key: 'name',
        label: labels.column('chapter_name'),
        minWidth: 130,
        grows: true,
        cell: (row) => <HostileText text={row.chapter_name} max={80} />,
      },
      {
        key: 'offset',
        label: labels.column('chapter_offset'),
        align: 'end',
        value: (row) => row.chapter_offset,
        cell: (row) => format.clock(row.chapter_offset),
      },
      seconds('length', 'chapter_length', t('tables.length')),
      time('started', 'chapter_started_at'),
      seconds('played', 'time_played'),
      { key: 'end', label: labels.column('end'), csv: (row) => (row.end === null ? t('tables.under') : labels.value(row.end)), cell: (row) => <End end={row.end} /> },
    ],
    [t, format, labels, time, seconds],
  );
  if (rows.length === 0) {
    return <EmptyState icon="content" title={t('tables.noChaptersTitle')} hint={t('tables.noChaptersHint')} />;
  }
  return (
    <DataTable caption={t('tabs.chapters')} columns={columns} rows={rows} rowKey={(_, place) => place} maxHeight={480} />
  );
}

export function ErrorsTable({ rows, timeZone }: ViewTableProps<ErrorRow>): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  const { seconds } = useCellColumns<ErrorRow>(timeZone);
  const columns = useMemo<Column<ErrorRow>[]>(
    () => [
      { key: 'at', label: labels.column('at'), value: (row) => row.at, cell: (row) => format.exactTime(row.at) },
      {
        key: 'id',
        label: labels.column('error_id'),
        minWidth: 160,
        grows: true,
        cell: (row) => <HostileText text={row.error_id} max={120} mono />,
      },
      {
        key: 'source',
        label: labels.column('source'),
        cell: (row) => <HostileText text={row.source === null ? null : labels.value(row.source)} max={30} />,
      },
      seconds('playhead', 'playhead'),
    ],
    [format, labels, seconds],
  );
  if (rows.length === 0) return <EmptyState icon="check" title={t('tables.noErrorsTitle')} hint={t('tables.noErrorsHint')} />;
  return (
    <DataTable caption={t('tabs.errors')} columns={columns} rows={rows} rowKey={(_, place) => place} maxHeight={480} />
  );
}

const END_TONES: Record<string, Tone> = { completed: 'good', skipped: 'neutral', not_completed: 'warn' };

function End({ end }: { end: AdRow['end'] }): ReactNode {
  const { t } = useTranslation('sessions');
  const labels = useLabels();
  if (end === null) {
    return (
      <Badge tone="info" dot>
        {t('tables.under')}
      </Badge>
    );
  }
  return <Badge tone={END_TONES[end] ?? 'neutral'}>{labels.value(end)}</Badge>;
}
