import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useAllAnnotations, type KeptAnnotation } from '../api/kept';
import { decodeScope } from '../filters/scopeAddress';
import { usualZone } from '../time/readerZone';
import { annotationsWithin } from './annotationMarks';

const NONE: readonly KeptAnnotation[] = [];

/** The annotations of a range of time and of the report suites that the page is about. */
export function useAnnotations(fromMs: number, toMs: number): readonly KeptAnnotation[] {
  const [params] = useSearchParams();
  const { data = NONE } = useAllAnnotations();
  return useMemo(() => {
    const { filters } = decodeScope(params, usualZone());
    const suites = filters.find(
      ({ dimension, operator }) => dimension === 'report_suite' && (operator === '=' || operator === 'in'),
    );
    return annotationsWithin(data, fromMs, toMs, suites ? suites.values.map(String) : null);
  }, [data, fromMs, toMs, params]);
}
