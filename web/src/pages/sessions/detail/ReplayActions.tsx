import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { saveBlob } from '../../../components/saveFile';
import { Button } from '../../../components/controls/Button';
import { CopyButton } from '../../../components/controls/CopyButton';
import { showToast } from '../../../components/overlays/toasts';
import { useFormat } from '../../../format/useFormat';
import { replayFile } from './replayFile';
import type { SessionRecord } from './useSessionRecord';

interface ReplayActionsProps {
  title: string;
  sessionId: string;
  record: SessionRecord;
}

/** The session as a file that can be sent again. */
export function ReplayActions({ title, sessionId, record }: ReplayActionsProps): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat();
  const write = () => {
    if (record.isCut) {
      showToast(t('detail.replayCut', { shown: format.number(record.events.length, 0) }));
    }
    return replayFile(title, record.events);
  };
  const save = () => saveBlob(new Blob([write()], { type: 'application/json' }), `session-${sessionId.slice(0, 12)}.json`);
  return (
    <>
      <CopyButton text={write} size="normal">
        {t('detail.copyReplay')}
      </CopyButton>
      <Button icon="download" disabled={record.isLoading} title={t('detail.downloadHint')} onClick={save}>
        {t('detail.download')}
      </Button>
    </>
  );
}
