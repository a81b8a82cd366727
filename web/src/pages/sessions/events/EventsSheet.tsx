import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../components/states/EmptyState';
import { Select } from '../../../components/controls/Select';
import { useFormat } from '../../../format/useFormat';
import { chosenEvents, typesOf, type EventChoice } from './eventEffect';
import { EventDetail } from './EventDetail';
import { EventList } from './EventList';
import styles from './EventsSheet.module.css';
import type { RecordedEvent } from './recordedEvent';

interface EventsSheetProps {
  events: readonly RecordedEvent[];
  startMs: number;
  timeZone: string;
  selected: number | null;
  onSelect: (sequence: number) => void;
}

/** The events in a list, and beside it the selected one in full. */
export function EventsSheet({ events, startMs, timeZone, selected, onSelect }: EventsSheetProps): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const [choice, setChoice] = useState<EventChoice>('all');
  const types = useMemo(() => typesOf(events), [events]);
  const found = useMemo(() => chosenEvents(events, choice), [events, choice]);
  const selectedEvent = useMemo(() => events.find(({ sequence }) => sequence === selected), [events, selected]);
  // An event that is selected in the lanes is shown, whatever kind was chosen to be listed.
  const isHidden = selectedEvent !== undefined && !found.includes(selectedEvent);
  const listed = isHidden ? events : found;
  const options: { value: EventChoice; label: string }[] = [
    { value: 'all', label: t('events.all') },
    { value: 'withoutPings', label: t('events.withoutPings') },
    { value: 'withChanges', label: t('events.withChanges') },
    ...types.map((type) => ({ value: `type:${type}` as const, label: type })),
  ];
  return (
    <div className={styles.sheet}>
      <div className={styles.main}>
        <div className={styles.bar}>
          <Select label={t('events.show')} options={options} value={isHidden ? 'all' : choice} onChange={setChoice} />
          <span className={styles.count}>
            {t('events.count', { count: listed.length, shown: format.number(listed.length, 0) })}
          </span>
        </div>
        {listed.length === 0 ? (
          <EmptyState title={t('events.noneTitle')} hint={t('events.noneHint')} />
        ) : (
          <EventList {...{ startMs, timeZone, selected, onSelect }} events={listed} />
        )}
      </div>
      <aside className={styles.side}>
        {selectedEvent ? (
          <EventDetail event={selectedEvent} startMs={startMs} timeZone={timeZone} />
        ) : (
          <EmptyState title={t('events.choose')} hint={t('events.chooseHint')} />
        )}
      </aside>
    </div>
  );
}
