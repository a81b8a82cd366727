import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operator } from '../api/query';
import type en from './en';

type Catalogue = typeof en.catalogue;
export type DiagnosisName = keyof typeof en.diagnoses;

export interface Labels {
  /** A metric's label by its name or alias; also of player states (`mute_count`). Unknown names stay as they are. */
  metric(name: string): string;
  dimension(name: string): string;
  /** The label of a column of a row, whatever it is. */
  column(name: string): string;
  segment(name: string): string;
  operator(operator: Operator, value?: unknown): string;
  state(name: string): string;
  /** The label of a value out of a fixed set, such as a close reason; others stay as they are. */
  value(value: string): string;
  diagnosis(name: string): { title: string; happened: string; fix: string };
}

/** Aliases that metrics of the same row go by. */
const METRIC_ALIASES: Record<string, string> = {
  media_start: 'media_starts',
  content_resume: 'content_resumes',
  content_start: 'content_starts',
  content_complete: 'content_completes',
  completes: 'content_completes',
  drop_before_start: 'drops_before_start',
  ad_count: 'ad_starts',
  chapter_count: 'chapter_starts',
};

const OPERATOR_KEYS: Record<Operator, keyof Catalogue['operators']> = {
  '=': 'is',
  '!=': 'isNot',
  in: 'in',
  'not in': 'notIn',
  contains: 'contains',
  exists: 'exists',
  '>': 'above',
  '>=': 'atLeast',
  '<': 'below',
  '<=': 'atMost',
};

/** The labels of what the API names, in the reader's language. */
export function useLabels(): Labels {
  const { i18n } = useTranslation();
  const language = i18n.language;
  return useMemo(() => {
    const of = (group: keyof Catalogue) =>
      (i18n.getResource(language, 'catalogue', group) ?? {}) as Record<string, string>;
    const [metrics, dimensions, columns, states, values] = [
      of('metrics'),
      of('dimensions'),
      of('columns'),
      of('states'),
      of('values'),
    ];
    const own = (labels: Record<string, string>, name: string) =>
      Object.hasOwn(labels, name) ? labels[name] : undefined;
    const state = (name: string) => own(states, name) ?? name;
    const stateMetric = (name: string) => {
      const parts = /^(?:state\.)?(.+)_(impacted_streams|count|time)$/.exec(name);
      const label = parts?.[2] ? own(of('stateMetrics'), parts[2]) : undefined;
      return label?.replace('{{state}}', () => state(parts?.[1] ?? ''));
    };
    const metric = (name: string) =>
      own(metrics, name) ?? own(metrics, METRIC_ALIASES[name] ?? '') ?? stateMetric(name) ?? name;
    const dimension = (name: string) => {
      if (name.startsWith('custom.')) return name.slice('custom.'.length);
      return own(dimensions, name) ?? own(columns, name) ?? own(metrics, name) ?? name;
    };
    return {
      metric,
      dimension,
      column: (name) => own(columns, name) ?? own(dimensions, name) ?? metric(name),
      segment: (name) => own(of('segments'), name) ?? name,
      operator: (operator, value) => {
        const key = operator === 'exists' && value === false ? 'missing' : OPERATOR_KEYS[operator];
        return own(of('operators'), key) ?? operator;
      },
      state,
      value: (value) => own(values, value) ?? value,
      diagnosis: (name) => {
        const texts = i18n.getResource(language, 'diagnoses', name) as ReturnType<Labels['diagnosis']> | undefined;
        return texts ?? { title: name, happened: '', fix: '' };
      },
    };
  }, [i18n, language]);
}
