import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Icon } from '../Icon';
import { Dialog, type DialogHandle } from './Dialog';
import styles from './HelpButton.module.css';

interface HelpButtonProps {
  /** What the button is about, for screen readers. */
  label: string;
  title: string;
  children: ReactNode;
}

/** A button beside a name that explains it: reached by keyboard and by touch, unlike a title. */
export function HelpButton({ label, title, children }: HelpButtonProps): ReactNode {
  const dialog = useRef<DialogHandle>(null);
  const [wasAsked, setWasAsked] = useState(false);
  useEffect(() => {
    if (wasAsked) dialog.current?.open();
  }, [wasAsked]);
  // The dialog is made when it is asked for the first time: a table has many such buttons.
  const ask = () => (wasAsked ? dialog.current?.open() : setWasAsked(true));
  return (
    <>
      <button type="button" className={styles.button} aria-label={label} aria-haspopup="dialog" onClick={ask}>
        <Icon name="help" size={14} />
      </button>
      {wasAsked && (
        <Dialog handle={dialog} title={title}>
          {children}
        </Dialog>
      )}
    </>
  );
}
