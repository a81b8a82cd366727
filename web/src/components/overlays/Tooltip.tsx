import { useId, useState, type ReactNode } from 'react';
import styles from './Tooltip.module.css';

/** A short explanation on hover and focus of what it is around. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactNode }): ReactNode {
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <span
      className={styles.root}
      onPointerEnter={() => setIsOpen(true)}
      onPointerLeave={() => setIsOpen(false)}
      onFocus={() => setIsOpen(true)}
      onBlur={() => setIsOpen(false)}
      onKeyDown={(event) => event.key === 'Escape' && setIsOpen(false)}
    >
      <span aria-describedby={isOpen ? id : undefined}>{children}</span>
      {isOpen && (
        <span id={id} role="tooltip" className={styles.tip}>
          {text}
        </span>
      )}
    </span>
  );
}
