import { useEffect, type ReactNode } from 'react';
import { markedText } from '../text/visibleText';
import styles from './PageHeader.module.css';

interface PageHeaderProps {
  title: string;
  /** The title of the window, if the title itself is not plain text. */
  windowTitle?: string;
  /** Above the title, such as the way back. */
  above?: ReactNode;
  /** One line on what the page is for. */
  hint?: ReactNode;
  /** Beside the title. */
  badge?: ReactNode;
  actions?: ReactNode;
  /** Instead of the title as text, for titles from players. */
  children?: ReactNode;
}

export function PageHeader({ title, windowTitle, above, hint, badge, actions, children }: PageHeaderProps): ReactNode {
  const name = windowTitle ?? title;
  useEffect(() => {
    document.title = `${markedText(name)} · Playhead`;
  }, [name]);
  return (
    <header className={styles.header}>
      {above && <div className={styles.above}>{above}</div>}
      <div className={styles.row}>
        <h1 className={styles.title}>{children ?? title}</h1>
        {badge}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {hint && <p className={styles.hint}>{hint}</p>}
    </header>
  );
}
