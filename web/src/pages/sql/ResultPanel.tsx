import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { ApiError } from '../../api/client';
import type { SqlResponse } from '../../api/query';
import { Button } from '../../components/controls/Button';
import { EmptyState } from '../../components/states/EmptyState';
import { HostileText } from '../../components/text/HostileText';
import { Icon } from '../../components/Icon';
import { LoadingArea } from '../../components/states/Loading';
import { Panel } from '../../components/layout/Panel';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { useChangeOwnParams } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useFaultOf } from '../../i18n/useFaultOf';
import { ExportMenu } from './QueryMenus';
import { ResultChart } from './ResultChart';
import styles from './ResultPanel.module.css';
import { ResultTable } from './ResultTable';
import type { SqlRun } from './useSqlRun';

interface ResultPanelProps {
  run: SqlRun;
  onCancel: () => void;
  onRetry: () => void;
}

/** The result of the query. */
export function ResultPanel({ run, onCancel, onRetry }: ResultPanelProps): ReactNode {
  const { t } = useTranslation('sql');
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const view = params.get('view') === 'chart' ? 'chart' : 'table';
  const isShown = run.status === 'done' && run.answer.rows.length > 0;
  const actions = isShown && (
    <>
      <SegmentedControl
        label={t('result.view')}
        options={[
          { value: 'table', label: t('result.table') },
          { value: 'chart', label: t('result.chart') },
        ]}
        value={view}
        onChange={(next) => change({ view: next === 'table' ? null : next })}
      />
      <ExportMenu sql={run.sql} />
    </>
  );
  return (
    <Panel title={t('result.title')} hint={<Outcome run={run} />} actions={actions} flush={isShown && view === 'table'}>
      {run.status === 'idle' && <EmptyState icon="sql" title={t('result.idleTitle')} hint={t('result.idleHint')} />}
      {run.status === 'running' && <Running onCancel={onCancel} />}
      {run.status === 'cancelled' && (
        <EmptyState title={t('result.cancelled')} hint={t('result.cancelledHint')} actions={<Button onClick={onRetry}>{t('editor.run')}</Button>} />
      )}
      {run.status === 'failed' && <Failure error={run.error} isBroken={run.isBroken} />}
      {run.status === 'done' && <Answered answer={run.answer} view={view} />}
    </Panel>
  );
}

function Answered({ answer, view }: { answer: SqlResponse; view: 'table' | 'chart' }): ReactNode {
  const { t } = useTranslation('sql');
  const format = useFormat();
  if (answer.rows.length === 0) return <EmptyState title={t('result.emptyTitle')} hint={t('result.emptyHint')} />;
  return (
    <>
      {answer.is_truncated && (
        <p className={styles.truncated}>
          <Icon name="warning" size={14} />
          {t('result.truncated', { shown: format.number(answer.rows.length, 0) })}
        </p>
      )}
      {view === 'table' ? <ResultTable answer={answer} /> : <ResultChart answer={answer} />}
    </>
  );
}

function Outcome({ run }: { run: SqlRun }): ReactNode {
  const { t } = useTranslation('sql');
  const format = useFormat();
  if (run.status !== 'done') return null;
  const [shown, time] = [format.number(run.answer.rows.length, 0), format.milliseconds(run.tookMs)];
  return <span role="status">{t('result.took', { count: run.answer.rows.length, shown, time })}</span>;
}

function Running({ onCancel }: { onCancel: () => void }): ReactNode {
  const { t } = useTranslation('sql');
  const format = useFormat();
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className={styles.running}>
      <LoadingArea height={160} />
      {seconds > 0 && (
        <p className={styles.runningNote}>
          {t('result.running', { time: format.duration(seconds) })}
          <Button size="small" onClick={onCancel}>
            {t('editor.cancel')}
          </Button>
        </p>
      )}
    </div>
  );
}

function Failure({ error, isBroken }: { error: Error; isBroken: boolean }): ReactNode {
  const { t } = useTranslation('sql');
  const faultOf = useFaultOf();
  // What the query engine says stays as it is.
  const text = error instanceof ApiError ? (faultOf(error) ?? '') : error.message;
  return (
    <div className={styles.failure} role="alert">
      <p className={styles.failureTitle}>
        <Icon name="warning" size={16} />
        {t('result.failed')}
      </p>
      {isBroken ? (
        <p>{t('result.broken')}</p>
      ) : (
        <p className={styles.message} lang={text === error.message ? 'en' : undefined}>
          <HostileText text={text} max={4_000} wrap />
        </p>
      )}
    </div>
  );
}
