import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useComparedReport, usePanel, useQueryReport } from '../../api/hooks';
import type { TimelineCounts } from '../../api/panels';
import { totalOf } from '../../api/query';
import { EmptyState } from '../../components/states/EmptyState';
import { Columns, Page } from '../../components/layout/Page';
import { Panel } from '../../components/layout/Panel';
import { ScopeBar } from '../../filters/ScopeBar';
import { filterOfValue } from '../../filters/scopeFilters';
import { TotalTiles } from '../../filters/metrics/TotalTiles';
import { panelParams, queryScope, useScope, useScopedHref } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { AudiencePanel } from './AudiencePanel';
import { ClockAudiencePanel } from './ClockAudiencePanel';
import { ContentConcurrencyPanel } from './ContentConcurrencyPanel';
import styles from './ContentDetail.module.css';
import { ContentHeader } from './ContentHeader';
import { withContent } from './contentList';
import { FunnelPanel } from './FunnelPanel';
import { RetentionPanel } from './RetentionPanel';
import { sessionsByClock, sessionsByContent, withPositions } from './timelines';

/** The numbers that need no length. */
const HEADLINE = ['content_starts', 'visitors', 'content_time_spent', 'average_content_time_spent'];
/** Those that mean something only where all sessions have positions in the content. */
const HEADLINE_OF_LENGTH = [...HEADLINE, 'content_completion_rate', 'average_minute_audience'];

const QUALITY = [
  'time_to_start_ms_p50',
  'time_to_start_ms_p95',
  'rebuffer_ratio',
  'average_bitrate_p50',
  'error_rate',
  'stall_impacted_streams',
] as const;

const METRICS = ['sessions', ...HEADLINE_OF_LENGTH, ...QUALITY];

/** One content: who watched it, how far, which parts, when, and how well it played. */
export default function ContentDetailPage(): ReactNode {
  const { contentId = '' } = useParams();
  // Nothing of another content stays while this one loads.
  return <OneContent key={contentId} contentId={contentId} />;
}

function OneContent({ contentId }: { contentId: string }): ReactNode {
  const { t } = useTranslation('content');
  const whole = useScope();
  const scope = useMemo(() => withContent(whole, contentId), [whole, contentId]);
  const within = useMemo(() => [filterOfValue('content_id', contentId)], [contentId]);
  const report = useQueryReport({ ...queryScope(scope), metrics: METRICS });
  const before = useComparedReport(scope.compared && { ...queryScope(scope, scope.compared), metrics: METRICS });
  const audience = usePanel('audience', { ...panelParams(whole), content_id: contentId });
  const answer = report.data;
  const compared = scope.compared ? before.data : undefined;
  const isStale = report.isPlaceholderData;
  const timelines = audience.data?.timelines;
  const isByClock = audience.data?.by === 'clock';
  const isMixed = timelines !== undefined && !isByClock && sessionsByClock(timelines) > 0;
  const byClock = usePanel('audience', isMixed ? { ...panelParams(whole), content_id: contentId, by: 'clock' } : null);
  const length = audience.data?.content_length;
  return (
    <Page>
      <ContentHeader scope={whole} contentId={contentId} length={length} />
      <ScopeBar fact="sessions" />
      {answer ? (
        <TotalTiles
          label={t('detail.headline')}
          metrics={isByClock || isMixed ? HEADLINE : HEADLINE_OF_LENGTH}
          answer={answer}
          before={compared}
          isStale={isStale}
          within={within}
        />
      ) : (
        <Panel query={report} loadingHeight={64} />
      )}
      {answer && totalOf(answer, 'sessions') === 0 ? (
        <NoSessions />
      ) : (
        <>
          {isMixed && <MixedNote timelines={timelines} />}
          {isByClock ? (
            <ClockAudiencePanel query={audience} answer={audience.data} timeZone={whole.time_zone} />
          ) : (
            <>
              {audience.data && (
                <Columns min={440}>
                  <FunnelPanel scope={isMixed ? withPositions(scope) : scope} length={length} />
                  <RetentionPanel scope={whole} contentId={contentId} length={length} />
                </Columns>
              )}
              <AudiencePanel query={audience} answer={audience.data} />
            </>
          )}
          {isMixed && <ClockAudiencePanel query={byClock} answer={byClock.data} timeZone={whole.time_zone} />}
          <ContentConcurrencyPanel scope={scope} />
          {answer && (
            <section className={styles.section}>
              <h2 className={styles.sectionTitle}>{t('detail.qualityTitle')}</h2>
              <TotalTiles
                label={t('detail.qualityTitle')}
                metrics={QUALITY}
                answer={answer}
                before={compared}
                isStale={isStale}
                within={within}
              />
            </section>
          )}
        </>
      )}
    </Page>
  );
}

/** Which sessions the panels of a content are about that is both live and on demand. */
function MixedNote({ timelines }: { timelines: TimelineCounts }): ReactNode {
  const { t } = useTranslation('content');
  const format = useFormat();
  const shown = (sessions: number) => format.number(sessions, 0);
  const [content, clock] = [sessionsByContent(timelines), sessionsByClock(timelines)];
  const parts = [
    t('mixed.content', { count: content, shown: shown(content), all: shown(content + clock) }),
    t('mixed.clock', { count: clock, shown: shown(clock) }),
  ];
  return <p className={styles.note}>{parts.reduce((first, second) => t('sentences', { first, second }))}</p>;
}

function NoSessions(): ReactNode {
  const { t } = useTranslation('content');
  const href = useScopedHref();
  return (
    <Panel
      empty={
        <EmptyState
          icon="content"
          title={t('detail.empty')}
          hint={t('detail.emptyHint')}
          actions={<Link to={href('/content')}>{t('detail.back')}</Link>}
        />
      }
    />
  );
}
