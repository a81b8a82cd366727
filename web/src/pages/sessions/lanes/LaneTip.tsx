import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge } from '../../../components/Badge';
import { clipText } from '../../../components/text/clipText';
import { MarkedText } from '../../../components/text/MarkedText';
import type { Format } from '../../../format/format';
import type { LaneMark } from './lanes';
import styles from './LaneTip.module.css';
import { offsetText } from '../events/exactText';
import { prettyJson } from '../events/rawJson';
import { KIND_COLORS, kindOf, type RecordedEvent } from '../events/recordedEvent';

const WIDTH = 348;
const MOST_JSON = 900;
const MOST_OTHERS = 4;

interface LaneTipProps {
  marks: readonly LaneMark[];
  events: readonly RecordedEvent[];
  startMs: number;
  /** Where it points, in pixels of the lanes. */
  x: number;
  width: number;
  format: Format;
}

/** The event that is pointed at, as it was sent, and what else happened at that moment. */
export function LaneTip({ marks, events, startMs, x, width, format }: LaneTipProps): ReactNode {
  const { t } = useTranslation('sessions');
  const [first, ...others] = marks.map(({ place }) => events[place]).filter((event) => event !== undefined);
  if (!first) return null;
  const wide = Math.min(WIDTH, width);
  const beside = x > width / 2 ? x - wide - 14 : x + 14;
  const left = Math.min(Math.max(beside, 0), width - wide);
  return (
    <div className={styles.tip} style={{ left, width: wide }} role="presentation">
      <p className={styles.head}>
        <span className={styles.dot} style={{ background: KIND_COLORS[kindOf(first.event_type)] }} />
        <span className={styles.type}>{first.event_type}</span>
        {first.status !== 'processed' && <Badge tone="warn">{t(`events.status.${first.status}`)}</Badge>}
        <span className={styles.at}>{offsetText(first.tsMs - startMs, 1, format)}</span>
      </p>
      <dl className={styles.facts}>
        <dt>{t('events.sentAt')}</dt>
        <dd>{format.exactTime(first.ts)}</dd>
        <dt>{t('events.receivedAt')}</dt>
        <dd>{format.exactTime(first.received_at)}</dd>
        <dt>{t('events.playhead')}</dt>
        <dd>{format.number(first.playhead, 3)}</dd>
      </dl>
      <pre className={styles.json}>
        <bdi>
          <MarkedText text={clipText(prettyJson(clipText(first.raw, 4_000)), MOST_JSON)} />
        </bdi>
      </pre>
      {others.length > 0 && (
        <ul className={styles.others}>
          {others.slice(0, MOST_OTHERS).map((event) => (
            <li key={event.sequence}>
              <span className={styles.dot} style={{ background: KIND_COLORS[kindOf(event.event_type)] }} />
              {event.event_type}
            </li>
          ))}
          {others.length > MOST_OTHERS && <li>+{format.number(others.length - MOST_OTHERS, 0)}</li>}
        </ul>
      )}
    </div>
  );
}
