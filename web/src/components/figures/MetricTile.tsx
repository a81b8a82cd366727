import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Sense } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import { classNames } from '../classNames';
import { Icon } from '../Icon';
import { Definition } from '../overlays/Definition';
import styles from './MetricTile.module.css';
import { Sparkline } from './Sparkline';

interface MetricTileProps {
  label: ReactNode;
  /** The meaning of the number; behind a help button. */
  definition?: string | undefined;
  /** A help button of its own, in the corner of the tile. */
  help?: ReactNode;
  /** Already formatted. */
  value: string;
  /** The exact value, on hover. */
  exact?: string | undefined;
  /** The change against the period that is compared with, as a share; null when there is none to speak of. */
  change?: number | null | undefined;
  /** The value before, formatted. */
  before?: string | undefined;
  /** Whether it is good when the number rises. */
  sense?: Sense;
  sparkline?: readonly (number | null)[] | undefined;
  color?: string;
  /** A line below the value instead of the change. */
  note?: ReactNode;
  /** Whether the number is out of date. */
  isStale?: boolean;
  /** Makes the tile a button, such as to show the metric in the chart below. */
  onSelect?: (() => void) | undefined;
  isSelected?: boolean;
  /** Leads to the sessions behind the number; below the value. */
  link?: ReactNode;
  /** Makes the tile a link, such as to what the number is made of. */
  href?: string | undefined;
}

/** A headline number. Lay several out in a `TileGrid`. */
export function MetricTile(props: MetricTileProps): ReactNode {
  const { label, value, exact, sparkline, color, note, isStale, onSelect, isSelected, href } = props;
  const content = (
    <>
      <span className={styles.label}>{label}</span>
      <span className={styles.body}>
        <span className={classNames(styles.value, isWide(value) && styles.wide)} title={exact}>
          {value}
        </span>
        {props.change !== undefined || props.before !== undefined ? <Change {...props} /> : null}
        {note !== undefined && <span className={styles.note}>{note}</span>}
        {sparkline && (
          <span className={styles.sparkline}>
            <Sparkline values={sparkline} {...(color ? { color } : {})} />
          </span>
        )}
      </span>
    </>
  );
  const name = classNames(styles.tile, isStale && styles.stale, isSelected && styles.selected);
  const tile = href ? (
    <Link to={href} className={classNames(name, styles.button, styles.link)}>
      {content}
    </Link>
  ) : onSelect ? (
    <button type="button" className={classNames(name, styles.button)} aria-pressed={isSelected} onClick={onSelect}>
      {content}
    </button>
  ) : (
    <div className={name}>{content}</div>
  );
  const help = props.help ?? (props.definition && <Definition label={label}>{props.definition}</Definition>);
  if (!help && !props.link) return tile;
  return (
    <div className={styles.helped}>
      {tile}
      {help && <span className={styles.help}>{help}</span>}
      {props.link && <span className={styles.behind}>{props.link}</span>}
    </div>
  );
}

/** Whether a value is too wide for the usual size, as durations are in scripts of full-width characters. */
function isWide(value: string): boolean {
  const ems = Array.from(value).reduce((sum, character) => sum + (character > '\u2e7f' ? 1 : 0.58), 0);
  return ems > 4.8;
}

function Change({ change, before, sense = 'good' }: MetricTileProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const isFlat = change === null || change === undefined || Math.abs(change) < 0.0005;
  const isRise = !isFlat && change > 0;
  const tone = isFlat || sense === 'neutral' ? null : isRise === (sense === 'good') ? styles.good : styles.bad;
  return (
    <span className={styles.changes}>
      <span className={classNames(styles.change, tone)}>
        {!isFlat && <Icon name={isRise ? 'arrowUp' : 'arrowDown'} size={12} />}
        {change === null || change === undefined ? '–' : format.change(change)}
      </span>
      {before !== undefined && <span className={styles.before}>{t('before', { value: before })}</span>}
    </span>
  );
}

export function TileGrid({ children, label }: { children: ReactNode; label?: string }): ReactNode {
  return (
    <div className={styles.grid} role="group" aria-label={label}>
      {children}
    </div>
  );
}
