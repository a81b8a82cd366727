import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BoardPanel, ScheduledKind, ScheduleWhen, Weekday } from '../../api/kept';
import { useKeep, useSchedules } from '../../api/kept';
import { Button } from '../../components/controls/Button';
import { Select } from '../../components/controls/Select';
import { TextField } from '../../components/controls/TextField';
import { showToast } from '../../components/overlays/toasts';
import { clipText } from '../../components/text/clipText';
import { useFaultOf } from '../../i18n/useFaultOf';
import styles from '../../kept/Kept.module.css';

const EVERY = ['hour', 'day', 'week', 'month'] as const;
const WEEKDAYS: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const RANGES = ['today', 'yesterday', '24h', '7d', '30d', '90d', 'last_week', 'last_month'] as const;

const FORMATS = ['csv', 'png'] as const;

type Every = (typeof EVERY)[number];

interface ScheduleFormProps {
  panel: BoardPanel & { kind: ScheduledKind };
  timeZone: string;
  onDone: () => void;
}

/** When, and where to, a panel of a board is sent by itself. */
export function ScheduleForm({ panel, timeZone, onDone }: ScheduleFormProps): ReactNode {
  const { t } = useTranslation('kept');
  const faultOf = useFaultOf();
  const schedules = useSchedules();
  const keep = useKeep('schedules');
  const [name, setName] = useState(panel.title);
  const [range, setRange] = useState<(typeof RANGES)[number]>('yesterday');
  const [every, setEvery] = useState<Every>('day');
  const [at, setAt] = useState('06:00');
  const [minute, setMinute] = useState('0');
  const [weekday, setWeekday] = useState<Weekday>('monday');
  const [day, setDay] = useState('1');
  const [format, setFormat] = useState<(typeof FORMATS)[number]>('csv');
  const [place, setPlace] = useState<'folder' | 'webhook' | null>(null);
  const [folder, setFolder] = useState('.');
  const [url, setUrl] = useState('');
  const origins = schedules.data?.webhook_origins ?? [];
  const places = [
    ...(schedules.data?.are_folders_allowed ? (['folder'] as const) : []),
    ...(origins.length > 0 ? (['webhook'] as const) : []),
  ];
  const chosen = place ?? places[0];
  if (!schedules.data) return <p className={styles.hint}>{faultOf(schedules.error)}</p>;
  if (!chosen) return <p className={styles.hint}>{t('schedule.nowhere')}</p>;

  const send = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate(
      {
        name,
        report: { kind: panel.kind, parameters: panel.parameters },
        range,
        time_zone: timeZone,
        when: whenOf(every, { at, minute: Number(minute), weekday, day: Number(day) }),
        format,
        to: chosen === 'folder' ? { folder } : { webhook: url },
      },
      {
        onSuccess: () => {
          showToast(t('schedule.saved', { name: clipText(name, 60) }), 'good');
          onDone();
        },
      },
    );
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <TextField
        label={t('name')}
        value={name}
        maxLength={200}
        required
        error={faultOf(keep.error)}
        onChange={(event) => setName(event.target.value)}
      />
      <Select
        label={t('schedule.range')}
        value={range}
        options={RANGES.map((value) => ({ value, label: t(`schedule.ranges.${value}`) }))}
        onChange={setRange}
      />
      <Select
        label={t('schedule.every')}
        value={every}
        options={EVERY.map((value) => ({ value, label: t(`schedule.everyOne.${value}`) }))}
        onChange={setEvery}
      />
      {every === 'week' && (
        <Select
          label={t('schedule.weekday')}
          value={weekday}
          options={WEEKDAYS.map((value) => ({ value, label: t(`schedule.weekdays.${value}`) }))}
          onChange={setWeekday}
        />
      )}
      <div className={styles.times}>
        {every === 'month' && (
          <TextField label={t('schedule.day')} type="number" min={1} max={31} value={day} required onChange={(event) => setDay(event.target.value)} />
        )}
        {every === 'hour' ? (
          <TextField label={t('schedule.minute')} type="number" min={0} max={59} value={minute} required onChange={(event) => setMinute(event.target.value)} />
        ) : (
          <TextField label={t('schedule.at', { zone: timeZone })} type="time" value={at} required onChange={(event) => setAt(event.target.value)} />
        )}
      </div>
      <Select
        label={t('schedule.format')}
        value={format}
        options={FORMATS.map((value) => ({ value, label: t(`schedule.formats.${value}`) }))}
        onChange={setFormat}
      />
      {places.length > 1 && (
        <Select
          label={t('schedule.to')}
          value={chosen}
          options={places.map((value) => ({ value, label: t(`schedule.${value}`) }))}
          onChange={setPlace}
        />
      )}
      {chosen === 'folder' ? (
        <TextField label={t('schedule.folderHint')} value={folder} maxLength={200} required onChange={(event) => setFolder(event.target.value)} />
      ) : (
        <TextField
          label={t('schedule.webhookHint', { origins: origins.join(', ') })}
          type="url"
          value={url}
          maxLength={2048}
          required
          onChange={(event) => setUrl(event.target.value)}
        />
      )}
      <Button kind="primary" type="submit" disabled={name.trim() === '' || keep.isPending}>
        {t('schedule.create')}
      </Button>
    </form>
  );
}

function whenOf(every: Every, { at, minute, weekday, day }: { at: string; minute: number; weekday: Weekday; day: number }): ScheduleWhen {
  switch (every) {
    case 'hour':
      return { every, minute };
    case 'day':
      return { every, at };
    case 'week':
      return { every, weekday, at };
    case 'month':
      return { every, day, at };
  }
}
