import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DimensionEntry } from '../api/catalogue';
import type { FilterValue, Operator } from '../api/query';
import { Button } from '../components/controls/Button';
import { clipText, textForChart } from '../components/text/clipText';
import { MarkedText } from '../components/text/MarkedText';
import { Combobox } from '../components/controls/Combobox';
import { Icon } from '../components/Icon';
import { Popover } from '../components/overlays/Popover';
import { Select } from '../components/controls/Select';
import { TextField } from '../components/controls/TextField';
import { useLabels } from '../i18n/useLabels';
import styles from './FilterEditor.module.css';
import { useCatalogue } from './reportContext';
import { takesSeveral, type ScopeFilter } from './scope';
import { dimensionNamed, isCounted, measureOf, METADATA_PREFIX, type Counted } from './scopeFilters';
import { useMetadataSuggestions, useValueSuggestions } from './useValueSuggestions';

interface FilterEditorProps {
  filters: ScopeFilter[];
  fact: Counted;
  /** Offers only these of the dimensions, and no custom metadata. */
  only?: (entry: DimensionEntry) => boolean;
  onChange: (filters: ScopeFilter[]) => void;
}

const TEXT_OPERATORS: Operator[] = ['in', 'not in', 'contains', 'exists'];
const NUMBER_OPERATORS: Operator[] = ['=', '>=', '>', '<=', '<', 'exists'];

/** Adds a filter: by which dimension, how, and the values, of which the most frequent ones are suggested. */
export function FilterEditor({ filters, fact, only, onChange }: FilterEditorProps): ReactNode {
  const { t } = useTranslation('filters');
  return (
    <Popover label={t('add')} title={t('addTitle')} button={{ icon: 'plus' }}>
      {(close) => (
        <NewFilter
          fact={fact}
          only={only}
          onAdd={(filter) => {
            onChange([...filters, filter]);
            close();
          }}
        />
      )}
    </Popover>
  );
}

interface NewFilterProps {
  fact: Counted;
  only: ((entry: DimensionEntry) => boolean) | undefined;
  onAdd: (filter: ScopeFilter) => void;
}

function NewFilter({ fact, only, onAdd }: NewFilterProps): ReactNode {
  const { t } = useTranslation('filters');
  const labels = useLabels();
  const catalogue = useCatalogue();
  const [dimension, setDimension] = useState<string | null>(null);
  const known = new Set(catalogue.dimensions.map(({ name }) => name));
  const measures = catalogue.metrics.filter(({ name, can_filter: canFilter }) => canFilter && !known.has(name)).map(measureOf);
  const keys = useMetadataSuggestions();
  const named = [...catalogue.dimensions, ...measures]
    .filter((entry) => isCounted(entry, fact) && entry.type !== 'time' && (only?.(entry) ?? true))
    .map(({ name }) => ({ value: name, label: labels.dimension(name), detail: name }))
    .sort((one, other) => one.label.localeCompare(other.label));
  const options = only === undefined ? [...named, ...keys] : named;
  const entry = dimension === null ? null : dimensionNamed(catalogue, dimension);
  return (
    <div className={styles.editor}>
      <Combobox
        label={t('dimension')}
        placeholder={t('chooseDimension')}
        options={options}
        value={dimension}
        allowOther={only === undefined}
        onChange={(chosen) => setDimension(dimensionNamed(catalogue, chosen) ? chosen : `${METADATA_PREFIX}${chosen}`)}
      />
      {entry === null && only === undefined && <p className={styles.hint}>{t('metadataHint')}</p>}
      {entry && <Condition key={entry.name} dimension={entry.name} type={entry.type} onAdd={onAdd} />}
    </div>
  );
}

interface ConditionProps {
  dimension: string;
  type: string;
  onAdd: (filter: ScopeFilter) => void;
}

function Condition({ dimension, type, onAdd }: ConditionProps): ReactNode {
  const { t } = useTranslation('filters');
  const labels = useLabels();
  const isNumber = type === 'number' || type === 'integer';
  const operators: Operator[] = isNumber ? NUMBER_OPERATORS : type === 'boolean' ? ['=', 'exists'] : TEXT_OPERATORS;
  const [choice, setChoice] = useState<string>(operators[0] ?? '=');
  const [values, setValues] = useState<FilterValue[]>(type === 'boolean' ? [true] : []);
  const [text, setText] = useState('');

  const choices = operators.flatMap((operator) =>
    operator === 'exists'
      ? [
          { value: 'exists', label: labels.operator('exists', true) },
          { value: 'missing', label: labels.operator('exists', false) },
        ]
      : [{ value: operator as string, label: labels.operator(operator) }],
  );
  const filter = filterOf(dimension, choice, values, text, isNumber);
  return (
    <form
      className={styles.editor}
      onSubmit={(event) => {
        event.preventDefault();
        if (filter) onAdd(filter);
      }}
    >
      <Select label={t('operator')} hideLabel options={choices} value={choice} onChange={setChoice} />
      {type === 'boolean' && choice === '=' && (
        <Select
          label={t('value')}
          hideLabel
          options={[
            { value: 'true', label: labels.value('yes') },
            { value: 'false', label: labels.value('no') },
          ]}
          value={String(values[0] ?? true)}
          onChange={(value) => setValues([value === 'true'])}
        />
      )}
      {takesSeveral(choice as Operator) && <ValueList dimension={dimension} values={values} onChange={setValues} />}
      {(choice === 'contains' || (isNumber && choice !== 'exists' && choice !== 'missing')) && (
        <TextField
          label={t('value')}
          hideLabel
          inputMode={isNumber ? 'decimal' : 'text'}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      <Button type="submit" kind="primary" disabled={filter === null}>
        {t('apply')}
      </Button>
    </form>
  );
}

function filterOf(
  dimension: string,
  choice: string,
  values: FilterValue[],
  text: string,
  isNumber: boolean,
): ScopeFilter | null {
  if (choice === 'exists' || choice === 'missing') {
    return { dimension, operator: 'exists', values: [choice === 'exists'] };
  }
  const operator = choice as Operator;
  if (takesSeveral(operator)) return values.length === 0 ? null : { dimension, operator, values };
  if (operator === '=' && !isNumber) return { dimension, operator, values: values.slice(0, 1) };
  if (text.trim() === '') return null;
  if (!isNumber) return { dimension, operator, values: [text] };
  const number = Number(text.trim().replace(',', '.'));
  return Number.isFinite(number) ? { dimension, operator, values: [number] } : null;
}

function ValueList({
  dimension,
  values,
  onChange,
}: {
  dimension: string;
  values: FilterValue[];
  onChange: (values: FilterValue[]) => void;
}): ReactNode {
  const { t } = useTranslation('filters');
  const suggestions = useValueSuggestions(dimension);
  const options = suggestions.filter(({ value }) => !values.includes(value));
  return (
    <div className={styles.values}>
      <Combobox
        label={t('values')}
        hideLabel
        placeholder={t('chooseValue')}
        options={options}
        value={null}
        allowOther
        clearsOnChoice
        onChange={(value) => !values.includes(value) && onChange([...values, value])}
      />
      <ul className={styles.chosen}>
        {values.map((value) => (
          <li key={String(value)} className={styles.value}>
            <bdi className={styles.name}>
              <MarkedText text={clipText(String(value), 60)} />
            </bdi>
            <button
              type="button"
              className={styles.remove}
              aria-label={t('removeValue', { value: textForChart(String(value)) })}
              onClick={() => onChange(values.filter((other) => other !== value))}
            >
              <Icon name="close" size={12} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
