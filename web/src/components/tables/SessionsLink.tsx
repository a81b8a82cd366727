import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '../../format/useFormat';
import { Icon } from '../Icon';
import styles from './SessionsLink.module.css';

interface SessionsLinkProps {
  href: string;
  /** How many sessions it leads to; null where that is not known beforehand. */
  count: number | null;
  /** Shows the words, not the drawing alone. */
  hasText?: boolean;
}

/** Leads from a number to the sessions behind it. */
export function SessionsLink({ href, count, hasText = false }: SessionsLinkProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const words = count === null ? t('sessionsBehind') : t('viewSessions', { count, shown: format.number(count, 0) });
  return (
    <Link to={href} className={styles.link} title={words} aria-label={words}>
      <Icon name="sessions" size={14} />
      {hasText && <span>{words}</span>}
    </Link>
  );
}
