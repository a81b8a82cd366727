import { createContext, useContext } from 'react';
import type { Catalogue } from '../api/catalogue';

export const CatalogueContext = createContext<Catalogue | null>(null);

/** The catalogue, which report pages always have. */
export function useCatalogue(): Catalogue {
  const catalogue = useContext(CatalogueContext);
  if (!catalogue) throw new Error('the catalogue is only there below CatalogueGate');
  return catalogue;
}

/** When relative ranges were last taken: one moment for all panels of a page. */
export interface AskedAt {
  askedAtMs: number;
  /** Takes ranges anew and asks everything again. */
  refresh(): void;
}

export const AskedAtContext = createContext<AskedAt>({ askedAtMs: Date.now(), refresh: () => {} });

export const useAskedAt = (): AskedAt => useContext(AskedAtContext);
