import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { SessionDetail } from '../../../api/sessions';
import { HostileText } from '../../../components/text/HostileText';
import { useScopedHref } from '../../../filters/useScope';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import styles from './SessionFacts.module.css';
import { visitorOf } from '../list/useSessionColumns';
import { VisitorText } from '../visitor/VisitorText';
import { useScopeWith } from './useScopeWith';

/** Who watched what, when and with which player. */
export function SessionFacts({ session, timeZone }: { session: SessionDetail; timeZone: string }): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  const href = useScopedHref();
  const visitor = visitorOf(session);
  const scope = useScopeWith(session.started_at);
  const lastedMs = Date.parse(session.last_event_at) - Date.parse(session.started_at);
  const facts: [string, ReactNode][] = [
    [
      t('facts.content'),
      session.content_id === null ? (
        '–'
      ) : (
        <Link to={href('/sessions', {}, { content: session.content_id })} title={t('facts.moreOfContent')}>
          <HostileText text={session.content_id} max={60} />
        </Link>
      ),
    ],
    [
      t('facts.visitor'),
      visitor === null ? t('facts.noVisitor') : <VisitorText key="visitor" id={visitor} max={40} scope={scope} />,
    ],
    [t('facts.started'), format.exactTime(session.started_at)],
    [t('facts.lasted'), format.duration(lastedMs / 1000)],
    [
      t('facts.player'),
      <HostileText
        key="player"
        text={[session.player_name, session.app_version].filter(Boolean).join(' ') || null}
        max={60}
      />,
    ],
    [t('facts.suite'), <HostileText key="suite" text={session.report_suite} max={40} />],
    [t('facts.source'), labels.value(session.source)],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Columns that the page shows elsewhere: metrics, lists and what belongs to views. */
const SHOWN_ELSEWHERE = new Set([
  'ads',
  'chapters',
  'errors',
  'exclusion',
  'custom_metadata',
  'diagnoses',
  'states',
  'active_spans',
  'playing_spans',
  'playing_until',
  'watched_spans',
  'rewatched_spans',
  'player_errors',
  'external_errors',
]);

/** All that sessionStart said of the session, and its custom metadata. */
export function SessionColumns({
  session,
  metrics,
  write,
}: {
  session: SessionDetail;
  metrics: ReadonlySet<string>;
  write: (name: string, value: unknown) => string;
}): ReactNode {
  const { t } = useTranslation('sessions');
  const labels = useLabels();
  const columns = Object.entries(session).filter(([name]) => !SHOWN_ELSEWHERE.has(name) && !metrics.has(name));
  const withValue = columns.filter(([, value]) => value !== null);
  const missing = columns.length - withValue.length;
  const metadata = Object.entries(session.custom_metadata ?? {});
  return (
    <div className={styles.columns}>
      <section>
        <h3 className={styles.title}>{t('facts.allColumns')}</h3>
        <dl className={styles.pairs}>
          {withValue.map(([name, value]) => (
            <div key={name} className={styles.pair}>
              <dt title={name}>{labels.column(name)}</dt>
              <dd>
                <HostileText text={write(name, value)} max={110} wrap expandable />
              </dd>
            </div>
          ))}
        </dl>
        {missing > 0 && (
          <details className={styles.missing}>
            <summary>{t('facts.withoutValue', { count: missing })}</summary>
            <p>
              {columns
                .filter(([, value]) => value === null)
                .map(([name]) => labels.column(name))
                .join(' · ')}
            </p>
          </details>
        )}
      </section>
      <section>
        <h3 className={styles.title}>{t('facts.metadata')}</h3>
        {metadata.length === 0 && <p className={styles.none}>{t('facts.noMetadata')}</p>}
        <dl className={styles.pairs}>
          {metadata.map(([name, value]) => (
            <div key={name} className={styles.pair}>
              <dt>
                <HostileText text={name} max={60} wrap />
              </dt>
              <dd>
                <HostileText text={String(value)} max={110} wrap expandable />
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}
