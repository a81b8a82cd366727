import { useId, type ReactNode } from 'react';
import { classNames } from '../classNames';
import { ErrorState } from '../states/ErrorState';
import { Loading, LoadingArea } from '../states/Loading';
import styles from './Panel.module.css';

/** The state of a query that a panel needs; react-query's results fit. */
export interface PanelQuery {
  isPending: boolean;
  isFetching?: boolean;
  isPlaceholderData?: boolean;
  error: Error | null;
  data?: unknown;
  refetch?: () => unknown;
}

interface PanelProps {
  title?: ReactNode;
  /** One short line below the title. */
  hint?: ReactNode;
  actions?: ReactNode;
  /** While it is pending the panel shows a skeleton, and when it failed why, with a retry. */
  query?: PanelQuery;
  /** Shown instead of the content if the response is empty. */
  empty?: ReactNode | false;
  /** The height of the skeleton of a chart; lines without it. */
  loadingHeight?: number;
  /** The content goes up to the edges, as tables do. */
  flush?: boolean;
  className?: string | undefined;
  children?: ReactNode;
}

/** A card with a title, what belongs to it, and its states. */
export function Panel(props: PanelProps): ReactNode {
  const { title, hint, actions, query, flush = false, className } = props;
  const titleId = useId();
  // While a new response is pending, the old one is dimmed.
  const isOld = query?.isPlaceholderData === true;
  return (
    <section
      className={classNames(styles.panel, className)}
      aria-labelledby={title ? titleId : undefined}
      aria-busy={query ? query.isPending || isOld : undefined}
    >
      {(title || actions) && (
        <header className={styles.header}>
          <div className={styles.titles}>
            {title && (
              <h2 id={titleId} className={styles.title}>
                {title}
              </h2>
            )}
            {hint && <p className={styles.hint}>{hint}</p>}
          </div>
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={classNames(styles.body, flush && styles.flush, isOld && styles.old)}>{contentOf(props)}</div>
    </section>
  );
}

function contentOf({ query, empty, loadingHeight, children }: PanelProps): ReactNode {
  if (query?.error && query.data === undefined) {
    const retry = query.refetch;
    return <ErrorState error={query.error} {...(retry ? { onRetry: () => void retry() } : {})} />;
  }
  if (query?.isPending) {
    return loadingHeight === undefined ? <Loading lines={5} /> : <LoadingArea height={loadingHeight} />;
  }
  return empty || children;
}
