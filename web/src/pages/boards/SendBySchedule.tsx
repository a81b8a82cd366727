import { useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '../../api/hooks';
import type { BoardPanel } from '../../api/kept';
import { Button } from '../../components/controls/Button';
import { Dialog, type DialogHandle } from '../../components/overlays/Dialog';
import { ScheduleForm } from './ScheduleForm';

/** Has a panel sent by schedule; only the admin token may, and what the server has a call for. */
export function SendBySchedule({ panel, timeZone }: { panel: BoardPanel; timeZone: string }): ReactNode {
  const { t } = useTranslation('kept');
  const access = useAccess();
  const dialog = useRef<DialogHandle>(null);
  const { kind } = panel;
  if (access.data?.role !== 'admin' || kind === 'side_by_side') return null;
  return (
    <>
      <Button kind="quiet" size="small" aria-haspopup="dialog" onClick={() => dialog.current?.open()}>
        {t('schedule.send')}
      </Button>
      <Dialog handle={dialog} title={t('schedule.send')}>
        <ScheduleForm panel={{ ...panel, kind }} timeZone={timeZone} onDone={() => dialog.current?.close()} />
      </Dialog>
    </>
  );
}
