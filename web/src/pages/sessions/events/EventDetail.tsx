import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge } from '../../../components/Badge';
import { clipText } from '../../../components/text/clipText';
import { MarkedText } from '../../../components/text/MarkedText';
import { CopyButton } from '../../../components/controls/CopyButton';
import { HostileText } from '../../../components/text/HostileText';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import styles from './EventDetail.module.css';
import { exactSeconds, offsetText } from './exactText';
import { prettyJson } from './rawJson';
import { KIND_COLORS, kindOf, type RecordedEvent } from './recordedEvent';
import { useAccountLabel } from '../metrics/useAccountLabel';
import { useColumnText } from '../metrics/useColumnText';

/** More of a body is not laid out, only copied. */
const MOST_JSON = 20_000;

interface EventDetailProps {
  event: RecordedEvent;
  startMs: number;
  timeZone: string;
}

/** An event in full: when, what it did, and how it was sent. */
export function EventDetail({ event, startMs, timeZone }: EventDetailProps): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const delayMs = Date.parse(event.received_at) - event.tsMs;
  const tone = event.status === 'processed' ? 'neutral' : 'warn';
  return (
    <div className={styles.detail}>
      <h3 className={styles.head}>
        <span className={styles.dot} style={{ background: KIND_COLORS[kindOf(event.event_type)] }} />
        {event.event_type}
        <Badge tone={tone}>{t(`events.status.${event.status}`)}</Badge>
      </h3>
      {event.status !== 'processed' && <p className={styles.soft}>{t(`events.statusHint.${event.status}`)}</p>}
      <dl className={styles.facts}>
        <dt>{t('events.afterStart')}</dt>
        <dd>{offsetText(event.tsMs - startMs, 1, format)}</dd>
        <dt>{t('events.sentAt')}</dt>
        <dd>{format.exactTime(event.ts)}</dd>
        {event.effective_ts !== undefined && (
          <>
            <dt>{t('events.countedAt')}</dt>
            <dd>{format.exactTime(event.effective_ts)}</dd>
          </>
        )}
        <dt>{t('events.receivedAt')}</dt>
        <dd>{format.exactTime(event.received_at)}</dd>
        <dt>{t('events.delay')}</dt>
        <dd>{delayMs >= 0 ? format.duration(delayMs / 1000) : `−${format.duration(-delayMs / 1000)}`}</dd>
        <dt>{t('events.playhead')}</dt>
        <dd>{format.number(event.playhead, 3)}</dd>
        <dt>{t('events.sequence')}</dt>
        <dd>{event.sequence}</dd>
      </dl>
      {event.effect && <Effect event={event} timeZone={timeZone} />}
      <details className={styles.raw} open>
        <summary>{t('events.raw')}</summary>
        <div className={styles.copy}>
          <CopyButton kind="quiet" text={event.raw} />
        </div>
        <pre className={styles.json} tabIndex={0}>
          <bdi>
            <MarkedText text={clipText(prettyJson(clipText(event.raw, MOST_JSON * 2)), MOST_JSON)} />
          </bdi>
        </pre>
      </details>
    </div>
  );
}

function Effect({ event, timeZone }: { event: RecordedEvent; timeZone: string }): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  const account = useAccountLabel();
  const write = useColumnText(timeZone);
  const { attributed = [], changes = {}, state } = event.effect ?? {};
  const changed = Object.entries(changes);
  const within = [
    state?.ad_break && t('events.inBreak'),
    state?.ad && t('events.inAd'),
    state?.chapter && t('events.inChapter'),
  ].filter((text) => typeof text === 'string');
  return (
    <>
      {state && (
        <p className={styles.soft}>
          {t('events.state')}: <b>{playbackText(t, state.playback)}</b>
          {within.length > 0 && ` · ${within.join(' · ')}`}
          {state.closed && ` · ${labels.value(state.closed)}`}
        </p>
      )}
      {attributed.length > 0 && (
        <section>
          <h4 className={styles.title} title={t('events.attributedHint')}>
            {t('events.attributed')}
          </h4>
          <ul className={styles.attributed}>
            {attributed.map((part, place) => (
              <li key={place}>
                <span>
                  {account(part.account)}
                  {part.moved_from !== undefined && (
                    <span className={styles.soft}> {t('events.moved', { from: account(part.moved_from) })}</span>
                  )}
                </span>
                <b>+{exactSeconds(format, part.seconds)}</b>
              </li>
            ))}
          </ul>
        </section>
      )}
      {changed.length > 0 ? (
        <section>
          <h4 className={styles.title}>{t('events.changes')}</h4>
          <table className={styles.changes}>
            <thead>
              <tr>
                <th scope="col">{t('events.column')}</th>
                <th scope="col">{t('events.before')}</th>
                <th scope="col">{t('events.after')}</th>
              </tr>
            </thead>
            <tbody>
              {changed.map(([name, { from, to }]) => (
                <tr key={name}>
                  <th scope="row" title={name}>
                    {labels.column(name)}
                  </th>
                  <td>
                    <HostileText text={write(name, from)} max={60} wrap />
                  </td>
                  <td>
                    <HostileText text={write(name, to)} max={60} wrap />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        attributed.length === 0 && <p className={styles.soft}>{t('events.noEffect')}</p>
      )}
    </>
  );
}

type Translate = ReturnType<typeof useTranslation<'sessions'>>['t'];
const PLAYBACK = ['starting', 'playing', 'paused', 'buffering', 'stalled', 'ended'] as const;

export function playbackText(t: Translate, playback: string): string {
  const known = PLAYBACK.find((name) => name === playback);
  return known ? t(`lanes.states.${known}`) : playback;
}
