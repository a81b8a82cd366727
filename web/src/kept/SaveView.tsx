import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useKeep } from '../api/kept';
import { Button } from '../components/controls/Button';
import { TextField } from '../components/controls/TextField';
import { Popover } from '../components/overlays/Popover';
import { showToast } from '../components/overlays/toasts';
import { usualZone } from '../time/readerZone';
import { useFaultOf } from '../i18n/useFaultOf';
import styles from './Kept.module.css';
import { viewAddress } from './viewAddress';

/** Keeps the page with its range, filters and choices under a name. */
export function SaveView(): ReactNode {
  const { t } = useTranslation('kept');
  return (
    <Popover label={t('view.save')} title={t('view.saveTitle')} button={{ kind: 'quiet', icon: 'bookmark' }} align="end">
      {(close) => <ViewForm onDone={close} />}
    </Popover>
  );
}

function ViewForm({ onDone }: { onDone: () => void }): ReactNode {
  const { t } = useTranslation('kept');
  const faultOf = useFaultOf();
  const [name, setName] = useState('');
  const [isShared, setIsShared] = useState(false);
  const keep = useKeep('views');
  const send = (event: FormEvent) => {
    event.preventDefault();
    // By the address itself: the page may not have been rendered since it changed.
    const { pathname, search } = window.location;
    const address = viewAddress(pathname, search, usualZone());
    const done = () => {
      showToast(t('view.saved', { name }), 'good');
      onDone();
    };
    keep.mutate({ name, address, is_shared: isShared }, { onSuccess: done });
  };
  return (
    <form className={`${styles.form} ${styles.narrow}`} onSubmit={send}>
      <TextField
        label={t('name')}
        value={name}
        maxLength={200}
        required
        error={faultOf(keep.error)}
        onChange={(event) => setName(event.target.value)}
      />
      <SharedCheck isShared={isShared} onChange={setIsShared} />
      <Button kind="primary" type="submit" disabled={name.trim() === '' || keep.isPending}>
        {t('save')}
      </Button>
    </form>
  );
}

/** Whether others see it, too. */
export function SharedCheck({ isShared, onChange }: { isShared: boolean; onChange: (isShared: boolean) => void }): ReactNode {
  const { t } = useTranslation('kept');
  return (
    <label className={styles.check}>
      <input type="checkbox" checked={isShared} onChange={(event) => onChange(event.target.checked)} />
      {t('shared')}
    </label>
  );
}
