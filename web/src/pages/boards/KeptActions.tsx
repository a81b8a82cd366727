import { useRef, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '../../api/client';
import { Button } from '../../components/controls/Button';
import { TextField } from '../../components/controls/TextField';
import { Dialog, type DialogHandle } from '../../components/overlays/Dialog';
import { useFaultOf } from '../../i18n/useFaultOf';
import styles from '../../kept/Kept.module.css';
import { SharedCheck } from '../../kept/SaveView';

interface Named {
  name: string;
  is_shared: boolean;
}

interface KeptActionsProps {
  kept: Named;
  isPending: boolean;
  error: ApiError | null;
  onChange: (change: Named, onSuccess: () => void) => void;
  onRemove: () => void;
}

/** Renames what is kept, shares it, or removes it. */
export function KeptActions({ kept, ...rest }: KeptActionsProps): ReactNode {
  const { t } = useTranslation('kept');
  const dialog = useRef<DialogHandle>(null);
  // A dialog and not a popover: it also stands in tables, which cut off what is larger than they are.
  return (
    <>
      <Button size="small" aria-haspopup="dialog" onClick={() => dialog.current?.open()}>
        {t('change')}
      </Button>
      <Dialog handle={dialog} title={t('change')}>
        <ChangeForm kept={kept} onDone={() => dialog.current?.close()} {...rest} />
      </Dialog>
    </>
  );
}

function ChangeForm({ kept, isPending, error, onChange, onRemove, onDone }: KeptActionsProps & { onDone: () => void }): ReactNode {
  const { t } = useTranslation('kept');
  const faultOf = useFaultOf();
  const [name, setName] = useState(kept.name);
  const [isShared, setIsShared] = useState(kept.is_shared);
  const [isSure, setIsSure] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    onChange({ name, is_shared: isShared }, onDone);
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <TextField
        label={t('name')}
        value={name}
        maxLength={200}
        required
        error={error?.status === 409 ? t('changedMeanwhile') : faultOf(error)}
        onChange={(event) => setName(event.target.value)}
      />
      <SharedCheck isShared={isShared} onChange={setIsShared} />
      <div className={styles.item}>
        <Button kind="primary" type="submit" disabled={name.trim() === '' || isPending}>
          {t('save')}
        </Button>
        {isSure ? (
          <>
            <Button disabled={isPending} onClick={onRemove}>
              {t('removeNow')}
            </Button>
            <Button kind="quiet" onClick={() => setIsSure(false)}>
              {t('cancel')}
            </Button>
          </>
        ) : (
          <Button kind="quiet" onClick={() => setIsSure(true)}>
            {t('remove')}
          </Button>
        )}
      </div>
    </form>
  );
}
