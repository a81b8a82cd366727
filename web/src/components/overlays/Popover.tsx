import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { Button, type ButtonProps } from '../controls/Button';
import styles from './Popover.module.css';

interface PopoverProps {
  /** The text of the button. */
  label: ReactNode;
  /** The name of what opens, for screen readers. */
  title: string;
  button?: Pick<ButtonProps, 'kind' | 'size' | 'icon' | 'iconOnly'>;
  /** Which edge it shares with the button. */
  align?: 'start' | 'end';
  children: (close: () => void) => ReactNode;
}

/** A button with something that opens below it; on narrow screens it comes up from the lower edge. */
export function Popover({ label, title, button = {}, align = 'start', children }: PopoverProps): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const inside = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    const first = inside.current?.querySelector<HTMLElement>('[autofocus], input, select, button, a[href]');
    first?.focus();
    const closeOutside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setIsOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, [isOpen]);

  const close = () => {
    setIsOpen(false);
    opener.current?.focus();
  };

  return (
    <div
      ref={root}
      className={styles.root}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen || event.defaultPrevented) return;
        event.stopPropagation();
        close();
      }}
      onBlur={(event) => {
        const next = event.relatedTarget;
        if (next !== null && !event.currentTarget.contains(next)) setIsOpen(false);
      }}
    >
      <Button
        ref={opener}
        {...button}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setIsOpen(!isOpen)}
      >
        {label}
      </Button>
      {isOpen && (
        <div ref={inside} id={id} role="dialog" aria-label={title} className={styles.inside} data-align={align}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
