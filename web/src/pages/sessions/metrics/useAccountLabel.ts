import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useLabels } from '../../../i18n/useLabels';

/** Accounts that are no metrics. */
const OWN = ['ad_break_gap', 'startup', 'after_end'] as const;

/** Names where time went. */
export function useAccountLabel(): (account: string | null) => string {
  const { t } = useTranslation('sessions');
  const labels = useLabels();
  return useCallback(
    (account) => {
      const own = OWN.find((name) => name === account);
      if (own) return t(`events.accounts.${own}`);
      return account === null ? labels.value('none') : labels.metric(account);
    },
    [t, labels],
  );
}
