import type { ReactNode } from 'react';
import { classNames } from '../classNames';
import { Icon } from '../Icon';
import { markedText } from '../text/visibleText';
import styles from './Select.module.css';

interface SelectProps<Value extends string> {
  /** Shown before the choice, or only said to screen readers with `hideLabel`. */
  label: string;
  hideLabel?: boolean;
  options: readonly { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
  className?: string;
}

/** One of some choices, by the browser's own list. For long lists, `Combobox`. */
export function Select<Value extends string>({
  label,
  hideLabel = false,
  options,
  value,
  onChange,
  className,
}: SelectProps<Value>): ReactNode {
  return (
    <label className={classNames(styles.select, className)}>
      <span className={hideLabel ? 'visually-hidden' : styles.label}>{label}</span>
      <select
        className={styles.native}
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {markedText(option.label)}
          </option>
        ))}
      </select>
      <span className={styles.arrow}>
        <Icon name="down" size={14} />
      </span>
    </label>
  );
}
