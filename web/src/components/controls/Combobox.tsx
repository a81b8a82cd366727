import { useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { clipText } from '../text/clipText';
import { MarkedText } from '../text/MarkedText';
import { markedText } from '../text/visibleText';
import styles from './Combobox.module.css';

export interface ComboboxOption {
  value: string;
  label: string;
  /** A second line, such as the name in the API; is searched too. */
  detail?: string | undefined;
}

interface ComboboxProps {
  label: string;
  hideLabel?: boolean;
  options: readonly ComboboxOption[];
  /** The value that is chosen; null for none. */
  value: string | null;
  onChange: (value: string) => void;
  /** Accepts a text that is not an option, with Enter; without it, only options are accepted. */
  allowOther?: boolean;
  placeholder?: string;
  /** Told what was typed, for options that are fetched. */
  onSearch?: (text: string) => void;
  /** Clears the field once something was chosen, for adding several one after the other. */
  clearsOnChoice?: boolean;
}

const MOST_SHOWN = 60;

/** A field with a list to search in: arrow keys and Enter, or the pointer. */
export function Combobox(props: ComboboxProps): ReactNode {
  const { label, hideLabel = false, options, value, onChange, allowOther = false, placeholder } = props;
  const { t } = useTranslation();
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const [text, setText] = useState<string | null>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(0);
  const chosen = options.find((option) => option.value === value);
  const shown = useMemo(() => searched(options, text ?? ''), [options, text]);
  const other = allowOther && text && !shown.some((option) => option.value === text) ? text : null;
  const count = shown.length + (other === null ? 0 : 1);

  const choose = (place: number) => {
    const next = shown[place]?.value ?? other;
    if (next === null || next === undefined) return;
    onChange(next);
    setText(props.clearsOnChoice ? '' : null);
    setIsOpen(false);
  };
  const search = (typed: string) => {
    setText(typed);
    setActive(0);
    setIsOpen(true);
    props.onSearch?.(typed);
  };
  const moveTo = (place: number) => {
    setIsOpen(true);
    setActive(place);
    list.current?.children[place]?.scrollIntoView({ block: 'nearest' });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') moveTo(isOpen ? Math.min(active + 1, count - 1) : active);
    else if (event.key === 'ArrowUp') moveTo(Math.max(active - 1, 0));
    else if (event.key === 'Enter' && isOpen) choose(active);
    else if (event.key === 'Escape' && isOpen) setIsOpen(false);
    else return;
    event.preventDefault();
  };

  return (
    <div className={styles.combobox}>
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : styles.label}>
        {label}
      </label>
      <input
        id={id}
        className={styles.input}
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && count > 0 ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={text ?? chosen?.label ?? value ?? ''}
        onChange={(event) => search(event.target.value)}
        onFocus={(event) => event.target.select()}
        onClick={() => setIsOpen(true)}
        onBlur={() => {
          setIsOpen(false);
          if (!props.clearsOnChoice) setText(null);
        }}
        onKeyDown={onKey}
      />
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label={label} className={styles.list} hidden={!isOpen}>
        {isOpen &&
          [...shown, ...(other === null ? [] : [{ value: other, label: other, detail: undefined }])].map(
            (option, place) => (
              <li
                key={option.value}
                id={`${id}-${place}`}
                role="option"
                aria-selected={place === active}
                className={styles.option}
                // The field keeps the focus.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => choose(place)}
                onPointerMove={() => setActive(place)}
              >
                <bdi className={styles.name}>
                  <MarkedText text={clipText(option.label, 80)} />
                </bdi>
                {option.detail && <span className={styles.detail}>{markedText(clipText(option.detail, 60))}</span>}
              </li>
            ),
          )}
        {isOpen && count === 0 && <li className={styles.none}>{t('combobox.none')}</li>}
      </ul>
    </div>
  );
}

function searched(options: readonly ComboboxOption[], text: string): ComboboxOption[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return options.slice(0, MOST_SHOWN);
  const rank = ({ label, detail = '' }: ComboboxOption) => {
    const name = label.toLowerCase();
    if (name.startsWith(wanted) || detail.toLowerCase().startsWith(wanted)) return 0;
    return name.includes(wanted) || detail.toLowerCase().includes(wanted) ? 1 : 2;
  };
  const ranked = options.map((option) => ({ option, rank: rank(option) })).filter((found) => found.rank < 2);
  return ranked
    .sort((one, next) => one.rank - next.rank)
    .slice(0, MOST_SHOWN)
    .map(({ option }) => option);
}
