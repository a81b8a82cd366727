import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useExplain } from '../../../api/hooks';
import type { SessionDetail } from '../../../api/sessions';
import { Panel } from '../../../components/layout/Panel';
import { Tabs } from '../../../components/controls/Tabs';
import { useChangeOwnParams } from '../../../filters/useScope';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import { Diagnoses } from './Diagnoses';
import { EventsSheet } from '../events/EventsSheet';
import { highlightOf, metricGroups } from '../metrics/explanation';
import { buildLanes } from '../lanes/lanes';
import { MetricsSheet } from '../metrics/MetricsSheet';
import styles from './SessionDetailPage.module.css';
import { SessionColumns } from './SessionFacts';
import { SwimLanes } from '../lanes/SwimLanes';
import type { SessionRecord } from './useSessionRecord';
import { useColumnText } from '../metrics/useColumnText';
import { AdsTable, ChaptersTable, ErrorsTable } from './ViewTables';

const TABS = ['events', 'metrics', 'ads', 'chapters', 'errors', 'columns'] as const;
type Tab = (typeof TABS)[number];
const REFRESH_MS = 5_000;
/** Browsers allow few changes of the address in a short time; keys held down would make many. */
const SETTLED_MS = 400;

interface SessionTimelineProps {
  session: SessionDetail;
  record: SessionRecord;
  timeZone: string;
}

/** Diagnoses, lanes and the sheets below them, which share one selection. */
export function SessionTimeline({ session, record, timeZone }: SessionTimelineProps): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  const { events } = record;
  const [params] = useSearchParams();
  const changeParams = useChangeOwnParams();
  const { selected, select } = useSelection();
  const write = useColumnText(timeZone);
  const explained = useExplain(session.session_id, session.is_open ? REFRESH_MS : false);
  const tab = TABS.find((name) => name === params.get('tab')) ?? 'events';
  const metric = params.get('metric');
  const lanes = useMemo(() => buildLanes(events), [events]);
  const found = metric === null ? undefined : explained.data?.metrics[metric];
  const highlight = useMemo(() => (found ? highlightOf(found) : null), [found]);
  const metrics = useMemo(
    () => new Set(metricGroups(Object.keys(explained.data?.metrics ?? {})).flatMap(({ names }) => names)),
    [explained.data],
  );
  const note = useNote(record);
  const counts: Partial<Record<Tab, number>> = {
    events: events.length,
    ads: session.ads.length,
    chapters: session.chapters.length,
    errors: session.errors.length,
  };
  const chooseMetric = (name: string | null) => changeParams({ metric: name, tab: 'metrics' });
  return (
    <>
      {session.diagnoses.length > 0 && <Diagnoses names={session.diagnoses} events={events} onSelect={select} />}
      <SwimLanes
        lanes={lanes}
        events={events}
        timeZone={timeZone}
        contentLength={session.content_length}
        selected={selected}
        onSelect={select}
        highlight={highlight}
        highlightLabel={highlight && metric !== null ? labels.column(metric) : null}
        onClearHighlight={() => changeParams({ metric: null })}
        note={note}
      />
      <Panel>
        <Tabs
          label={t('tabs.label')}
          value={tab}
          onChange={(next) => changeParams({ tab: next === 'events' ? null : next })}
          tabs={TABS.map((name) => ({
            value: name,
            label: (
              <>
                {t(`tabs.${name}`)}
                {counts[name] !== undefined && <span className={styles.count}>{format.number(counts[name], 0)}</span>}
              </>
            ),
          }))}
        >
          {tab === 'events' && (
            <EventsSheet events={events} startMs={lanes.fromMs} timeZone={timeZone} selected={selected} onSelect={select} />
          )}
          {tab === 'metrics' && (
            <MetricsSheet {...{ session, explained, timeZone, metric }} startMs={lanes.fromMs} onChoose={chooseMetric} onSelect={select} />
          )}
          {tab === 'ads' && <AdsTable rows={session.ads} timeZone={timeZone} />}
          {tab === 'chapters' && <ChaptersTable rows={session.chapters} timeZone={timeZone} />}
          {tab === 'errors' && <ErrorsTable rows={session.errors} timeZone={timeZone} />}
          {tab === 'columns' && <SessionColumns session={session} metrics={metrics} write={write} />}
        </Tabs>
      </Panel>
    </>
  );
}

/** The note about missing data; null if the data is complete. */
function useNote({ events, isLoading, isCut }: SessionRecord): string | null {
  const { t } = useTranslation('sessions');
  const format = useFormat();
  const shown = format.number(events.length, 0);
  if (isLoading) return t('lanes.loading', { shown });
  if (isCut) return t('lanes.cut', { shown });
  return events.some(({ status }) => status === 'unknown') ? t('lanes.unknown') : null;
}

/** The selected event, which the address holds as soon as the selection rests. */
function useSelection(): { selected: number | null; select: (sequence: number) => void } {
  const [params] = useSearchParams();
  const [selected, setSelected] = useState<number | null>(() => {
    const sequence = Number(params.get('event') ?? Number.NaN);
    return Number.isSafeInteger(sequence) ? sequence : null;
  });
  const changeParams = useChangeOwnParams();
  const change = useRef(changeParams);
  useEffect(() => {
    change.current = changeParams;
  });
  useEffect(() => {
    if (selected === null) return;
    const timer = setTimeout(() => change.current({ event: String(selected) }), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [selected]);
  return { selected, select: useCallback((sequence: number) => setSelected(sequence), []) };
}
