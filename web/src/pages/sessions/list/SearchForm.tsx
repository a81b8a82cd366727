import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Button } from '../../../components/controls/Button';
import { Combobox } from '../../../components/controls/Combobox';
import { SegmentedControl } from '../../../components/controls/SegmentedControl';
import { Select } from '../../../components/controls/Select';
import { TextField } from '../../../components/controls/TextField';
import { useScopedHref } from '../../../filters/useScope';
import { useValueSuggestions } from '../../../filters/useValueSuggestions';
import { useLabels } from '../../../i18n/useLabels';
import { DIAGNOSIS_NAMES } from '../detail/diagnosisNames';
import { visitorPath } from '../visitor/visitorAddress';
import styles from './SearchForm.module.css';
import { isSearching, NO_SEARCH, type SessionSearch } from './sessionSearch';

interface SearchFormProps {
  search: SessionSearch;
  onSubmit: (search: SessionSearch) => void;
}

/** Everything that sessions can be searched by. Choices take effect at once, texts with Enter or the button. */
export function SearchForm({ search, onSubmit }: SearchFormProps): ReactNode {
  const { t } = useTranslation('sessions');
  const labels = useLabels();
  const href = useScopedHref();
  const [draft, setDraft] = useState(search);
  const choose = (change: Partial<SessionSearch>) => {
    const next = { ...draft, ...change };
    setDraft(next);
    onSubmit(next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(draft);
  };
  const path = visitorPath(draft.visitor.trim());
  const diagnoses = DIAGNOSIS_NAMES.map((name) => ({ value: name as string, label: labels.diagnosis(name).title }));
  return (
    <form className={styles.form} role="search" aria-label={t('search.label')} onSubmit={submit}>
      <TextField
        className={styles.text ?? ''}
        label={t('search.q')}
        type="search"
        value={draft.q}
        placeholder={t('search.qPlaceholder')}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setDraft({ ...draft, q: event.target.value })}
      />
      <TextField
        label={t('search.visitor')}
        value={draft.visitor}
        placeholder={t('search.exact')}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setDraft({ ...draft, visitor: event.target.value })}
      />
      <Suggested
        dimension="content_id"
        label={t('search.content')}
        value={draft.content}
        onChange={(content) => choose({ content })}
      />
      <Suggested
        dimension="report_suite"
        label={t('search.suite')}
        value={draft.suite}
        onChange={(suite) => choose({ suite })}
      />
      <div className={styles.field}>
        <span className={styles.label} aria-hidden="true">
          {t('search.diagnosis')}
        </span>
        <Select
          className={styles.select ?? ''}
          label={t('search.diagnosis')}
          hideLabel
          options={[{ value: '', label: t('search.anyDiagnosis') }, ...diagnoses]}
          value={draft.diagnosis}
          onChange={(diagnosis) => choose({ diagnosis })}
        />
      </div>
      <div className={styles.field}>
        <span className={styles.label} aria-hidden="true">
          {t('search.state')}
        </span>
        <SegmentedControl
          label={t('search.state')}
          options={[
            { value: '', label: t('search.all') },
            { value: 'open', label: t('search.open') },
            { value: 'closed', label: t('search.closed') },
          ]}
          value={draft.state}
          onChange={(state) => choose({ state })}
        />
      </div>
      <div className={styles.actions}>
        <Button type="submit" kind="primary" icon="search">
          {t('search.submit')}
        </Button>
        {isSearching(search) && (
          <Button kind="quiet" onClick={() => choose(NO_SEARCH)}>
            {t('search.clear')}
          </Button>
        )}
        {path && (
          <Link className={styles.visitor} to={href(path)}>
            {t('visitor.open')}
          </Link>
        )}
      </div>
    </form>
  );
}

interface SuggestedProps {
  dimension: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
}

function Suggested({ dimension, label, value, onChange }: SuggestedProps): ReactNode {
  const { t } = useTranslation('sessions');
  const options = useValueSuggestions(dimension);
  const all = value === '' ? options : [{ value: '', label: t('search.all'), detail: undefined }, ...options];
  return (
    <Combobox
      label={label}
      options={all}
      value={value === '' ? null : value}
      placeholder={t('search.exact')}
      allowOther
      onChange={onChange}
    />
  );
}
