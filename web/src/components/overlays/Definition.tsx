import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { HelpButton } from './HelpButton';

/** The help button of a name that a sentence explains. */
export function Definition({ label, children }: { label: ReactNode; children: string }): ReactNode {
  const { t } = useTranslation('help');
  const name = typeof label === 'string' ? label : '';
  return (
    <HelpButton label={t('button', { name })} title={name}>
      <p>{children}</p>
    </HelpButton>
  );
}
