import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/useFormat';
import { Button } from '../controls/Button';
import styles from './MoreRows.module.css';

interface MoreRowsProps {
  shown: number;
  all: number;
  onMore: () => void;
}

/** Below a table that shows some of its rows: how many, and a way to more. Nothing if it shows all. */
export function MoreRows({ shown, all, onMore }: MoreRowsProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  if (all <= shown) return null;
  return (
    <div className={styles.more}>
      <span>{t('moreRows.shown', { shown: format.number(shown, 0), all: format.number(all, 0) })}</span>
      <Button kind="quiet" size="small" onClick={onMore}>
        {t('moreRows.more')}
      </Button>
    </div>
  );
}
