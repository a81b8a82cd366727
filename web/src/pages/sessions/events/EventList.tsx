import { useEffect, useId, useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useVirtualRows } from '../../../components/tables/useVirtualRows';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import { EventRow } from './EventRow';
import styles from './EventList.module.css';
import type { RecordedEvent } from './recordedEvent';
import { useAccountLabel } from '../metrics/useAccountLabel';
import { useColumnText } from '../metrics/useColumnText';

const ROW = 34;

interface EventListProps {
  events: readonly RecordedEvent[];
  startMs: number;
  timeZone: string;
  selected: number | null;
  onSelect: (sequence: number) => void;
}

/** Events in the order of processing, of which only those in sight are built. Arrow keys go from one to the next. */
export function EventList({ events, startMs, timeZone, selected, onSelect }: EventListProps): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  const account = useAccountLabel();
  const write = useColumnText(timeZone);
  const words = useMemo(() => ({ labels, account, write }), [labels, account, write]);
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const { from, to, reveal } = useVirtualRows(scroller, events.length, ROW);
  const place = useMemo(() => events.findIndex(({ sequence }) => sequence === selected), [events, selected]);
  // Not with each refresh: only when the selection changes does the list move.
  const latestPlace = useRef(place);
  useEffect(() => {
    latestPlace.current = place;
  });
  useEffect(() => {
    if (latestPlace.current >= 0) reveal(latestPlace.current);
  }, [selected, reveal]);

  const onKey = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW) - 1);
    const moves: Record<string, number> = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      PageDown: place + page,
      PageUp: place - page,
      Home: 0,
      End: events.length - 1,
    };
    const to = moves[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = events[Math.min(Math.max(to, 0), events.length - 1)];
    if (next) onSelect(next.sequence);
  };

  const shown = events.slice(from, to);
  const isBuilt = place >= from && place < to;
  return (
    <div className={styles.list}>
      <div className={styles.header} aria-hidden="true">
        <span className={styles.offset}>{t('events.time')}</span>
        <span>{t('events.type')}</span>
        <span className={styles.playhead}>{t('events.playhead')}</span>
        <span className={styles.effect}>{t('events.effect')}</span>
        <span className={styles.sequence}>{t('events.sequence')}</span>
      </div>
      <div
        ref={scroller}
        className={styles.scroller}
        role="listbox"
        aria-label={t('events.label')}
        aria-activedescendant={isBuilt ? `${id}-${selected}` : undefined}
        tabIndex={0}
        onKeyDown={onKey}
      >
        <div className={styles.all} role="presentation" style={{ height: events.length * ROW }}>
          {shown.map((event, index) => (
            <EventRow
              key={event.sequence}
              id={`${id}-${event.sequence}`}
              event={event}
              startMs={startMs}
              top={(from + index) * ROW}
              place={from + index}
              count={events.length}
              isSelected={event.sequence === selected}
              format={format}
              words={words}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
    </div>
  );
}
