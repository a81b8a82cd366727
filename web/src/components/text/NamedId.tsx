import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/useFormat';
import { HostileText } from './HostileText';
import styles from './NamedId.module.css';

/** Names that something has had beside its latest one. */
export interface OtherNames {
  /** The latest ones. */
  names: readonly string[];
  /** How many there are in all. */
  count: number;
}

interface NamedIdProps {
  /** What tells it from all others; null for what has no id. */
  id: string | null;
  /** Its latest name. */
  name: string | null;
  others?: OtherNames | undefined;
  missing: ReactNode;
  /** Leaves out the id, where it stands beside the name anyway. */
  hideId?: boolean;
}

/** Something that has an id, by its latest name; below it the id and the other names. */
export function NamedId({ id, name, others, missing, hideId = false }: NamedIdProps): ReactNode {
  const shown = name === null || name === '' ? id : name;
  const isIdShown = !hideId && id !== null && id !== shown;
  const hasOthers = others !== undefined && others.count > 0;
  return (
    <span className={styles.named}>
      <HostileText text={shown} max={100} missing={missing} quotesBlank />
      {(isIdShown || hasOthers) && (
        <span className={styles.below}>
          {isIdShown && <HostileText text={id} max={80} />}
          {hasOthers && <AlsoKnownAs others={others} max={40} />}
        </span>
      )}
    </span>
  );
}

/** The other names in one line. */
export function AlsoKnownAs({ others, max }: { others: OtherNames; max: number }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const unlisted = others.count - others.names.length;
  return (
    <span className={styles.others}>
      <span className={styles.also}>{t('names.also')}</span>
      {others.names.map((name) => (
        <HostileText key={name} text={name} max={max} quotesBlank />
      ))}
      {unlisted > 0 && <span className={styles.also}>{t('names.more', { count: unlisted, shown: format.number(unlisted, 0) })}</span>}
    </span>
  );
}
