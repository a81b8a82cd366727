import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '../../api/hooks';
import { useRemove, useRunSchedule, useSchedules, type KeptSchedule, type ScheduleRun } from '../../api/kept';
import { Badge } from '../../components/Badge';
import { Button } from '../../components/controls/Button';
import { Panel } from '../../components/layout/Panel';
import { showToast } from '../../components/overlays/toasts';
import { EmptyState } from '../../components/states/EmptyState';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { HostileText } from '../../components/text/HostileText';
import { useFormat } from '../../format/useFormat';
import { useFaultOf } from '../../i18n/useFaultOf';
import { useFaultText } from '../../i18n/useFaultText';
import { useNameColumn } from './useNameColumn';
import styles from '../../kept/Kept.module.css';

const TONES = { sent: 'good', waiting: 'warn', failed: 'bad' } as const;

/** The schedules of reports, with their last runs. They are the admin token's alone. */
export function SchedulesPanel(): ReactNode {
  const access = useAccess();
  return access.data?.role === 'admin' ? <Schedules /> : null;
}

function Schedules(): ReactNode {
  const { t } = useTranslation('kept');
  const schedules = useSchedules();
  const all = schedules.data?.schedules ?? [];
  const isEmpty = schedules.data !== undefined && all.length === 0;
  const isNowhere = schedules.data && !schedules.data.are_folders_allowed && schedules.data.webhook_origins.length === 0;
  return (
    <Panel
      title={t('schedule.many')}
      query={schedules}
      flush={!isEmpty}
      empty={
        isEmpty && (
          <EmptyState
            icon="calendar"
            title={t('schedule.none')}
            hint={isNowhere ? t('schedule.nowhere') : t('schedule.noneHint')}
          />
        )
      }
    >
      <DataTable caption={t('schedule.many')} columns={useColumns()} rows={all} rowKey={({ id }) => id} />
    </Panel>
  );
}

function useColumns(): Column<KeptSchedule>[] {
  const { t } = useTranslation('kept');
  const format = useFormat();
  return [
    useNameColumn(),
    {
      key: 'to',
      label: t('schedule.to'),
      minWidth: 120,
      csv: ({ to }) => placeOf(to),
      cell: ({ to }) => <HostileText text={placeOf(to)} max={60} mono />,
    },
    {
      key: 'next',
      label: t('schedule.next'),
      value: ({ next_due_at }) => next_due_at,
      cell: ({ next_due_at }) => (next_due_at ? format.dateTime(next_due_at) : t('schedule.paused')),
    },
    {
      key: 'last',
      label: t('schedule.last'),
      minWidth: 180,
      value: ({ runs }) => runs[0]?.due_at,
      cell: ({ runs }) => <LastRun run={runs[0]} />,
    },
    { key: 'actions', label: t('actions'), align: 'end', cell: (schedule) => <Actions schedule={schedule} /> },
  ];
}

function placeOf(to: KeptSchedule['to']): string {
  return 'folder' in to ? to.folder : to.webhook;
}

function LastRun({ run }: { run: ScheduleRun | undefined }): ReactNode {
  const { t } = useTranslation('kept');
  const format = useFormat();
  const said = useFaultText();
  if (!run) return t('schedule.never');
  return (
    <div className={styles.item}>
      <Badge tone={TONES[run.outcome]}>{t(`schedule.outcomes.${run.outcome}`)}</Badge>
      <span className={styles.time}>{format.dateTime(run.due_at)}</span>
      {run.fault && <HostileText text={said(run.fault)} max={300} wrap />}
    </div>
  );
}

function Actions({ schedule }: { schedule: KeptSchedule }): ReactNode {
  const { t } = useTranslation('kept');
  const [faultOf, said] = [useFaultOf(), useFaultText()];
  const [run, remove] = [useRunSchedule(), useRemove('schedules')];
  const [isSure, setIsSure] = useState(false);
  const isPending = run.isPending || remove.isPending;
  const start = () =>
    run.mutate(schedule.id, {
      onSuccess: ({ outcome, fault }) =>
        outcome === 'sent' ? showToast(t('schedule.ran'), 'good') : showToast(fault === null ? t('schedule.outcomes.failed') : said(fault), 'bad'),
      onError: (error) => showToast(faultOf(error) ?? '', 'bad'),
    });
  if (isSure) {
    return (
      <div className={styles.item}>
        <Button size="small" disabled={isPending} onClick={() => remove.mutate(schedule.id)}>
          {t('removeNow')}
        </Button>
        <Button size="small" kind="quiet" onClick={() => setIsSure(false)}>
          {t('cancel')}
        </Button>
      </div>
    );
  }
  return (
    <div className={styles.item}>
      <Button size="small" disabled={isPending || schedule.is_running} onClick={start}>
        {t('schedule.run')}
      </Button>
      <Button size="small" kind="quiet" disabled={isPending} onClick={() => setIsSure(true)}>
        {t('remove')}
      </Button>
    </div>
  );
}
