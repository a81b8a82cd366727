import { useCallback } from 'react';
import type { ApiError } from '../api/client';
import { useFaultText } from './useFaultText';

/** Says what is wrong with what was sent, in the reader's language; null if nothing is. */
export function useFaultOf(): (error: ApiError | null) => string | null {
  const said = useFaultText();
  return useCallback(
    (error) => {
      if (error === null) return null;
      const faults = error.errors.map(({ path, message }) => (path === '' ? said(message) : `${path}: ${said(message)}`));
      return faults.length === 0 ? said(error.message) : faults.join('; ');
    },
    [said],
  );
}
