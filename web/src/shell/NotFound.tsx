import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyState } from '../components/states/EmptyState';
import { Page } from '../components/layout/Page';
import { PageHeader } from '../components/layout/PageHeader';

export function NotFound(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page>
      <PageHeader title={t('notFoundPage.title')} />
      <EmptyState
        icon="search"
        title={t('notFoundPage.title')}
        hint={t('notFoundPage.hint')}
        actions={<Link to="/">{t('notFoundPage.back')}</Link>}
      />
    </Page>
  );
}
