import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { EventReference, ExplainedEvent, ExplainedInterval, ExplainedMetric, SessionDetail } from '../../../api/sessions';
import { Badge } from '../../../components/Badge';
import { Button } from '../../../components/controls/Button';
import { DataTable, type Column } from '../../../components/tables/DataTable';
import { EmptyState } from '../../../components/states/EmptyState';
import { HostileText } from '../../../components/text/HostileText';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import { playbackText } from '../events/EventDetail';
import { exactSeconds, offsetText } from '../events/exactText';
import styles from './Explanation.module.css';
import { sumOfIntervals } from './explanation';

interface ExplanationProps {
  metric: string;
  explained: ExplainedMetric;
  session: SessionDetail;
  timeZone: string;
  /** Where the lanes begin. */
  startMs: number;
  write: (name: string, value: unknown) => string;
  onSelect: (sequence: number) => void;
}

/** Rows that are built at first; more on demand. */
const FIRST_ROWS = 200;

/** The parts of a metric. */
export function Explanation(props: ExplanationProps): ReactNode {
  const { metric, explained, write } = props;
  const { t } = useTranslation('sessions');
  const labels = useLabels();
  const isEmpty = (explained.intervals?.length ?? 0) + (explained.events?.length ?? 0) === 0;
  return (
    <section className={styles.explanation} aria-label={labels.column(metric)}>
      <header className={styles.head}>
        <h3 className={styles.title}>{labels.column(metric)}</h3>
        <code className={styles.code}>{metric}</code>
        <span className={styles.value}>
          <HostileText text={write(metric, explained.value)} max={80} />
        </span>
      </header>
      {isEmpty && <EmptyState title={t('metrics.noneTitle')} hint={t('metrics.noneHint')} />}
      {explained.intervals && explained.intervals.length > 0 && <Intervals {...props} intervals={explained.intervals} />}
      {explained.events && explained.events.length > 0 && <Changes {...props} changes={explained.events} />}
    </section>
  );
}

function Intervals(props: ExplanationProps & { intervals: ExplainedInterval[] }): ReactNode {
  const { metric, explained, session, timeZone, startMs, write, onSelect, intervals } = props;
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const [isAll, setIsAll] = useState(false);
  const sum = useMemo(() => sumOfIntervals(explained), [explained]);
  const columns = useMemo<Column<ExplainedInterval>[]>(
    () => [
      { key: 'from', label: t('metrics.from'), csv: (row) => row.from, cell: (row) => <At time={row.from} startMs={startMs} timeZone={timeZone} /> },
      { key: 'to', label: t('metrics.to'), csv: (row) => row.to, cell: (row) => <At time={row.to} startMs={startMs} timeZone={timeZone} /> },
      {
        key: 'seconds',
        label: t('metrics.seconds'),
        align: 'end',
        csv: (row) => row.seconds,
        cell: (row) => exactSeconds(format, row.seconds),
      },
      {
        key: 'during',
        label: t('metrics.during'),
        cell: ({ playback, ad, chapter }) => (
          <span>
            {playbackText(t, playback)}
            {ad !== null && <> · {nameOr(session.ads[ad]?.ad_name, t('metrics.adNumber', { number: ad + 1 }))}</>}
            {chapter !== null && (
              <> · {nameOr(session.chapters[chapter]?.chapter_name, t('metrics.chapterNumber', { number: chapter + 1 }))}</>
            )}
          </span>
        ),
      },
      { key: 'opened', label: t('metrics.opened'), csv: (row) => eventName(row.opened_by), cell: (row) => <EventLink event={row.opened_by} onSelect={onSelect} /> },
      { key: 'closed', label: t('metrics.closed'), csv: (row) => eventName(row.closed_by), cell: (row) => <EventLink event={row.closed_by} onSelect={onSelect} /> },
    ],
    [t, format, session.ads, session.chapters, onSelect, startMs, timeZone],
  );
  return (
    <div className={styles.table}>
      <DataTable
        caption={t('metrics.intervals')}
        columns={columns}
        rows={isAll ? intervals : intervals.slice(0, FIRST_ROWS)}
        allRows={() => Promise.resolve(intervals)}
        rowKey={(_, place) => place}
        maxHeight={400}
        footer={{
          from: t('metrics.sum'),
          seconds: exactSeconds(format, sum.totalMs / 1000),
          during: sum.isValue ? <Badge tone="good">{t('metrics.sumIsValue')}</Badge> : null,
        }}
      />
      {!isAll && intervals.length > FIRST_ROWS && (
        <Button kind="quiet" size="small" onClick={() => setIsAll(true)}>
          {t('metrics.showAll', { count: intervals.length, shown: format.number(intervals.length, 0) })}
        </Button>
      )}
      {!sum.isValue && <p className={styles.note}>{t('metrics.sumDiffers', { value: write(metric, explained.value) })}</p>}
    </div>
  );
}

function Changes(props: ExplanationProps & { changes: ExplainedEvent[] }): ReactNode {
  const { metric, timeZone, startMs, write, onSelect, changes } = props;
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const [isAll, setIsAll] = useState(false);
  const columns = useMemo<Column<ExplainedEvent>[]>(
    () => [
      { key: 'at', label: t('metrics.at'), csv: (row) => row.at, cell: (row) => <At time={row.at} startMs={startMs} timeZone={timeZone} /> },
      { key: 'event', label: t('metrics.event'), csv: eventName, cell: (row) => <EventLink event={row} onSelect={onSelect} /> },
      {
        key: 'before',
        label: t('events.before'),
        align: 'end',
        cell: (row) => <HostileText text={write(metric, row.before)} max={60} />,
      },
      {
        key: 'after',
        label: t('events.after'),
        align: 'end',
        cell: (row) => <HostileText text={write(metric, row.after)} max={60} />,
      },
    ],
    [t, write, metric, onSelect, startMs, timeZone],
  );
  return (
    <div className={styles.table}>
      <DataTable
        caption={t('metrics.changes')}
        columns={columns}
        rows={isAll ? changes : changes.slice(0, FIRST_ROWS)}
        allRows={() => Promise.resolve(changes)}
        rowKey={(row, place) => `${row.sequence} ${place}`}
        maxHeight={400}
      />
      {!isAll && changes.length > FIRST_ROWS && (
        <Button kind="quiet" size="small" onClick={() => setIsAll(true)}>
          {t('metrics.showAll', { count: changes.length, shown: format.number(changes.length, 0) })}
        </Button>
      )}
    </div>
  );
}

/** An event as a file names it. */
function eventName({ event_type, sequence }: EventReference | ExplainedEvent): string {
  return sequence === null ? event_type : `${event_type} ${sequence}`;
}

function EventLink({ event, onSelect }: { event: EventReference | ExplainedEvent; onSelect: (sequence: number) => void }): ReactNode {
  const { sequence, event_type } = event;
  // Time changed the value: the session closed without an event, and there is none to select.
  if (sequence === null) return event_type;
  return (
    <button type="button" className={styles.link} onClick={() => onSelect(sequence)}>
      {event_type}
      <span className={styles.sequence}>{sequence}</span>
    </button>
  );
}

/** How long after the start, as on the axis of the lanes. */
function At({ time, startMs, timeZone }: { time: string; startMs: number; timeZone: string }): ReactNode {
  const format = useFormat(timeZone);
  return <span title={format.exactTime(time)}>{offsetText(Date.parse(time) - startMs, 1, format)}</span>;
}

function nameOr(name: string | null | undefined, other: string): ReactNode {
  return name ? <HostileText text={name} max={24} /> : other;
}
