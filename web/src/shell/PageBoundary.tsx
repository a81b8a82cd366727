import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/controls/Button';
import { EmptyState } from '../components/states/EmptyState';
import { HostileText } from '../components/text/HostileText';

interface Props {
  children: ReactNode;
}

/** Keeps a page that fails from taking the navigation with it. */
export class PageBoundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    return this.state.error ? <Crash error={this.state.error} /> : this.props.children;
  }
}

function Crash({ error }: { error: Error }): ReactNode {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon="warning"
      title={t('crash.title')}
      hint={
        <>
          {t('crash.hint')}
          <br />
          <HostileText text={error.message} max={300} mono wrap />
        </>
      }
      actions={
        <Button icon="refresh" onClick={() => location.reload()}>
          {t('crash.reload')}
        </Button>
      }
    />
  );
}
