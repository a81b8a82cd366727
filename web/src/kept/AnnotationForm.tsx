import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useKeep, type AnnotationKind, type KeptAnnotation } from '../api/kept';
import { Button } from '../components/controls/Button';
import { Select } from '../components/controls/Select';
import { TextField } from '../components/controls/TextField';
import { showToast } from '../components/overlays/toasts';
import { dateTimeIn, momentOf } from '../time/zone';
import { useFaultOf } from '../i18n/useFaultOf';
import styles from './Kept.module.css';

/** Later years have more digits than times of the API. */
const LATEST = '9999-12-31T23:59';
const KINDS: readonly AnnotationKind[] = ['release', 'outage', 'other'];

interface AnnotationFormProps {
  /** The one to change; null for a new one. */
  edited: KeptAnnotation | null;
  timeZone: string;
  atMs: number;
  onDone: () => void;
}

/** A new annotation, or another word for one. Times are by the clocks of the page's zone. */
export function AnnotationForm({ edited, timeZone, atMs, onDone }: AnnotationFormProps): ReactNode {
  const { t } = useTranslation('kept');
  const faultOf = useFaultOf();
  // To the minute, as the field for times has it.
  const shown = (ms: number) => dateTimeIn(ms, timeZone).slice(0, 16);
  const [at, setAt] = useState(shown(edited ? Date.parse(edited.at) : atMs));
  const [to, setTo] = useState(edited?.to ? shown(Date.parse(edited.to)) : '');
  const [kind, setKind] = useState<AnnotationKind>(edited?.kind ?? 'release');
  const [text, setText] = useState(edited?.text ?? '');
  const [suite, setSuite] = useState(edited?.report_suite ?? '');
  const [keep, change] = [useKeep('annotations'), useChange('annotations')];
  const isPending = keep.isPending || change.isPending;

  /** What the field says; the moment of before, to the millisecond, if it was not touched. */
  const moment = (field: string, before: string | null | undefined) =>
    before && field === shown(Date.parse(before)) ? before : new Date(momentOf(field, timeZone)).toISOString();
  const send = (event: FormEvent) => {
    event.preventDefault();
    const body = {
      at: moment(at, edited?.at),
      to: to === '' ? null : moment(to, edited?.to),
      kind,
      text,
      report_suite: suite.trim() === '' ? null : suite,
    };
    const onSuccess = () => {
      showToast(t('annotation.saved'), 'good');
      if (!edited) setText('');
      onDone();
    };
    if (edited) change.mutate({ id: edited.id, body: { ...body, version: edited.version } }, { onSuccess });
    else keep.mutate(body, { onSuccess });
  };

  return (
    <form className={styles.form} onSubmit={send}>
      <TextField
        label={t('annotation.text')}
        value={text}
        maxLength={400}
        required
        error={faultOf(keep.error ?? change.error)}
        onChange={(event) => setText(event.target.value)}
      />
      <div className={styles.times}>
        <TextField
          label={t('annotation.at', { zone: timeZone })}
          type="datetime-local"
          max={LATEST}
          value={at}
          required
          onChange={(event) => setAt(event.target.value)}
        />
        <TextField
          label={t('annotation.to')}
          type="datetime-local"
          max={LATEST}
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      <Select
        label={t('annotation.kind')}
        value={kind}
        options={KINDS.map((value) => ({ value, label: t(`annotation.kinds.${value}`) }))}
        onChange={setKind}
      />
      <TextField
        label={t('annotation.suite')}
        value={suite}
        maxLength={200}
        onChange={(event) => setSuite(event.target.value)}
      />
      <Button kind="primary" type="submit" disabled={text.trim() === '' || at === '' || isPending}>
        {edited ? t('save') : t('annotation.add')}
      </Button>
    </form>
  );
}
