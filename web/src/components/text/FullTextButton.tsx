import { useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { clipText } from './clipText';
import { MarkedText } from './MarkedText';
import { CopyButton } from '../controls/CopyButton';
import { Dialog, type DialogHandle } from '../overlays/Dialog';
import styles from './FullTextButton.module.css';

/** More than this is not laid out, only copied. */
const MOST_SHOWN = 20_000;

/** Opens a clipped text in full. */
export function FullTextButton({ text }: { text: string }): ReactNode {
  const { t } = useTranslation();
  const dialog = useRef<DialogHandle>(null);
  return (
    <>
      <button type="button" className={styles.button} onClick={() => dialog.current?.open()}>
        {t('fullText.show')}
      </button>
      <Dialog handle={dialog} title={t('fullText.title')} actions={<CopyButton text={text} />}>
        <pre className={styles.text}>
          <bdi>
            <MarkedText text={clipText(text, MOST_SHOWN)} />
          </bdi>
        </pre>
      </Dialog>
    </>
  );
}
