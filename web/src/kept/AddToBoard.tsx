import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useBoards, useEditBoard, useKeep, type BoardPanel } from '../api/kept';
import { Button } from '../components/controls/Button';
import { Select } from '../components/controls/Select';
import { TextField } from '../components/controls/TextField';
import { Popover } from '../components/overlays/Popover';
import { showToast } from '../components/overlays/toasts';
import { clipText } from '../components/text/clipText';
import { useFaultOf } from '../i18n/useFaultOf';
import styles from './Kept.module.css';

/** Stands for a board that is made now; no id looks like it. */
const NEW = '';

/** Puts a panel on a board, as it is shown but for its range: a board has the range of its page. */
export function AddToBoard({ panel }: { panel: BoardPanel }): ReactNode {
  const { t } = useTranslation('kept');
  return (
    <Popover
      label={t('board.addPanel')}
      title={t('board.addPanelTitle')}
      button={{ kind: 'quiet', size: 'small', icon: 'board', iconOnly: true }}
      align="end"
    >
      {(close) => <BoardChoice panel={panel} onDone={close} />}
    </Popover>
  );
}

function BoardChoice({ panel, onDone }: { panel: BoardPanel; onDone: () => void }): ReactNode {
  const { t } = useTranslation('kept');
  const faultOf = useFaultOf();
  const boards = (useBoards().data ?? []).filter(({ can_change }) => can_change);
  const [id, setId] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [keep, change] = [useKeep('boards'), useEditBoard()];
  const chosen = boards.find((board) => board.id === (id ?? boards[0]?.id));
  const isNew = id === NEW || !chosen;

  const send = (event: FormEvent) => {
    event.preventDefault();
    const onSuccess = (board: { name: string }) => {
      showToast(t('board.panelAdded', { name: clipText(board.name, 60) }), 'good');
      onDone();
    };
    if (isNew) keep.mutate({ name, panels: [panel] }, { onSuccess });
    else change.mutate({ id: chosen.id, edit: ({ panels }) => ({ panels: [...panels, panel] }) }, { onSuccess });
  };

  return (
    <form className={`${styles.form} ${styles.narrow}`} onSubmit={send}>
      {boards.length > 0 && (
        <Select
          label={t('board.one')}
          value={isNew ? NEW : chosen.id}
          options={[
            ...boards.map((board) => ({ value: board.id, label: clipText(board.name, 40) })),
            { value: NEW, label: t('board.new') },
          ]}
          onChange={setId}
        />
      )}
      {isNew && (
        <TextField
          label={t('board.newName')}
          value={name}
          maxLength={200}
          required
          onChange={(event) => setName(event.target.value)}
        />
      )}
      {(keep.error ?? change.error) && (
        <p className={styles.error} role="alert">
          {faultOf(keep.error ?? change.error)}
        </p>
      )}
      <Button kind="primary" type="submit" disabled={(isNew && name.trim() === '') || keep.isPending || change.isPending}>
        {t('board.add')}
      </Button>
    </form>
  );
}
