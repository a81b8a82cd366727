import { useId, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../controls/Button';
import { classNames } from '../classNames';
import styles from './Dialog.module.css';

export interface DialogHandle {
  open(): void;
  close(): void;
}

interface DialogProps {
  handle: Ref<DialogHandle>;
  title: string;
  /** Beside the close button. */
  actions?: ReactNode;
  /** `sheet` comes up from the lower edge, for narrow screens. */
  kind?: 'window' | 'sheet';
  /** Built only while it is open. */
  children: ReactNode;
}

/** A modal dialog; the browser keeps the focus within, and Escape and a click beside it close it. */
export function Dialog({ handle, title, actions, kind = 'window', children }: DialogProps): ReactNode {
  const { t } = useTranslation();
  const element = useRef<HTMLDialogElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const titleId = useId();
  const close = () => element.current?.close();
  useImperativeHandle(handle, () => ({
    open: () => {
      setIsOpen(true);
      element.current?.showModal();
    },
    close,
  }));
  return (
    <dialog
      ref={element}
      className={classNames(styles.dialog, styles[kind])}
      aria-labelledby={titleId}
      onClose={() => setIsOpen(false)}
      onClick={(event) => event.target === element.current && close()}
    >
      {isOpen && (
        <div className={styles.inside}>
          <header className={styles.header}>
            <h2 id={titleId} className={styles.title}>
              {title}
            </h2>
            {actions}
            <Button kind="quiet" size="small" icon="close" iconOnly onClick={close}>
              {t('close')}
            </Button>
          </header>
          <div className={styles.body}>{children}</div>
        </div>
      )}
    </dialog>
  );
}
