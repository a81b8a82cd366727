import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge } from '../../../components/Badge';
import { classNames } from '../../../components/classNames';
import { clipText } from '../../../components/text/clipText';
import { markedText } from '../../../components/text/visibleText';
import type { Format } from '../../../format/format';
import type { Labels } from '../../../i18n/useLabels';
import { effectSummary } from './eventEffect';
import { exactSeconds, offsetText } from './exactText';
import styles from './EventList.module.css';
import { countedAt, KIND_COLORS, kindOf, type RecordedEvent } from './recordedEvent';

const MOST_CHANGES = 3;

export interface RowWords {
  labels: Labels;
  account: (account: string | null) => string;
  write: (column: string, value: unknown) => string;
}

interface EventRowProps {
  id: string;
  event: RecordedEvent;
  startMs: number;
  top: number;
  place: number;
  count: number;
  isSelected: boolean;
  format: Format;
  /** Writers that all rows share: each row would otherwise make its own. */
  words: RowWords;
  onSelect: (sequence: number) => void;
}

/** An event in one line. */
export const EventRow = memo(function EventRow(props: EventRowProps): ReactNode {
  const { id, event, startMs, top, place, count, isSelected, format, words, onSelect } = props;
  const { t } = useTranslation('sessions');
  const { labels, account, write } = words;
  const { attributed, changed } = effectSummary(event);
  return (
    <div
      id={id}
      role="option"
      aria-selected={isSelected}
      aria-posinset={place + 1}
      aria-setsize={count}
      className={classNames(styles.row, isSelected && styles.isSelected)}
      style={{ top }}
      onClick={() => onSelect(event.sequence)}
    >
      <span className={styles.offset} title={format.exactTime(countedAt(event))}>
        {offsetText(event.tsMs - startMs, 1, format)}
      </span>
      <span className={styles.type}>
        <span className={styles.dot} style={{ background: KIND_COLORS[kindOf(event.event_type)] }} />
        <span className={styles.typeName}>{event.event_type}</span>
        {event.status !== 'processed' && <Badge tone="warn">{t(`events.status.${event.status}`)}</Badge>}
      </span>
      <span className={styles.playhead}>{format.number(event.playhead, 1)}</span>
      <span className={styles.effect}>
        {attributed.map((part, index) => (
          <span key={index} className={styles.time}>
            {account(part.account)} +{exactSeconds(format, part.seconds)}
          </span>
        ))}
        {changed.slice(0, MOST_CHANGES).map(({ name, from, to }) => (
          <span key={name} className={styles.change}>
            {labels.column(name)} <bdi>{markedText(changeText(clipText(write(name, from), 24), clipText(write(name, to), 24)))}</bdi>
          </span>
        ))}
        {changed.length > MOST_CHANGES && <span className={styles.more}>+{changed.length - MOST_CHANGES}</span>}
      </span>
      <span className={styles.sequence}>{event.sequence}</span>
    </div>
  );
});

function changeText(from: string, to: string): string {
  return from === '–' ? to : `${from} → ${to}`;
}
