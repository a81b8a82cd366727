import { createContext, useContext } from 'react';

/** What a page's numbers are about, for what leaves the page: pictures and files. */
export interface ExportScope {
  /** For the name of a file: days, zone and filters. */
  file: string;
  /** For a picture: the range with its zone, and the filters where there are some. */
  lines: string[];
}

/** Null on pages without a range. */
export const ExportScopeContext = createContext<ExportScope | null>(null);

export const useExportScope = (): ExportScope | null => useContext(ExportScopeContext);
