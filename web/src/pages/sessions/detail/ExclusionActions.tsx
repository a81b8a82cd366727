import { useRef, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess, useExclude } from '../../../api/hooks';
import type { Exclusion } from '../../../api/sessions';
import { Button } from '../../../components/controls/Button';
import { TextField } from '../../../components/controls/TextField';
import { Icon } from '../../../components/Icon';
import { Dialog, type DialogHandle } from '../../../components/overlays/Dialog';
import { HostileText } from '../../../components/text/HostileText';
import { useFormat } from '../../../format/useFormat';
import { useFaultOf } from '../../../i18n/useFaultOf';
import styles from './ExclusionActions.module.css';

interface ExclusionActionsProps {
  sessionId: string;
  exclusion: Exclusion | undefined;
}

/** Takes the session out of all reports, or puts it back; for those who may. */
export function ExclusionActions({ sessionId, exclusion }: ExclusionActionsProps): ReactNode {
  const { t } = useTranslation('sessions');
  const access = useAccess();
  const dialog = useRef<DialogHandle>(null);
  const exclude = useExclude(sessionId);
  if (access.data?.role !== 'admin') return null;
  if (exclusion) {
    return (
      <Button icon="refresh" disabled={exclude.isPending} onClick={() => exclude.mutate(null)}>
        {exclude.error ? t('exclusion.failed') : t('exclusion.undo')}
      </Button>
    );
  }
  return (
    <>
      <Button icon="close" onClick={() => dialog.current?.open()}>
        {t('exclusion.exclude')}
      </Button>
      <Dialog handle={dialog} title={t('exclusion.title')}>
        <ExclusionForm exclude={exclude} onDone={() => dialog.current?.close()} />
      </Dialog>
    </>
  );
}

function ExclusionForm({
  exclude,
  onDone,
}: {
  exclude: ReturnType<typeof useExclude>;
  onDone: () => void;
}): ReactNode {
  const { t } = useTranslation('sessions');
  const faultOf = useFaultOf();
  const [reason, setReason] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    exclude.mutate(reason, { onSuccess: onDone });
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <p className={styles.hint}>{t('exclusion.hint')}</p>
      <TextField
        label={t('exclusion.reason')}
        value={reason}
        maxLength={400}
        autoFocus
        error={faultOf(exclude.error)}
        onChange={(event) => setReason(event.target.value)}
      />
      <Button kind="primary" type="submit" disabled={reason.trim() === '' || exclude.isPending}>
        {t('exclusion.confirm')}
      </Button>
    </form>
  );
}

/** Says that no report counts the session, why and since when. */
export function ExclusionNote({ exclusion, timeZone }: { exclusion: Exclusion; timeZone: string }): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  return (
    <p className={styles.note} role="status">
      <Icon name="warning" size={16} />
      <span>
        {t('exclusion.since', { time: format.exactTime(exclusion.excluded_at) })}{' '}
        <HostileText text={exclusion.reason} max={400} wrap />
      </span>
    </p>
  );
}
