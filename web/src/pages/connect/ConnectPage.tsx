import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Columns, Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { AddressPanel } from './AddressPanel';
import { ArrivalPanel } from './ArrivalPanel';
import styles from './ConnectPage.module.css';
import { FaultsPanel } from './FaultsPanel';
import { WaysPanel } from './WaysPanel';

export default function ConnectPage(): ReactNode {
  const { t } = useTranslation('connect');
  return (
    <Page>
      <PageHeader title={t('title')} hint={t('hint')} />
      <ArrivalPanel />
      <Columns min={440}>
        <div className={styles.column}>
          <AddressPanel />
          <WaysPanel />
        </div>
        <FaultsPanel />
      </Columns>
    </Page>
  );
}
