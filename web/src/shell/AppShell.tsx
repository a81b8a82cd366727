import { Suspense, useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink, Outlet, useLocation } from 'react-router';
import { useAccess } from '../api/hooks';
import { Logo } from '../brand/Logo';
import { Badge } from '../components/Badge';
import { classNames } from '../components/classNames';
import { Dialog, type DialogHandle } from '../components/overlays/Dialog';
import { ErrorState } from '../components/states/ErrorState';
import { Icon } from '../components/Icon';
import { Loading } from '../components/states/Loading';
import { Tooltip } from '../components/overlays/Tooltip';
import { useScopedHref } from '../filters/useScope';
import { KeptLinks } from '../kept/KeptLinks';
import styles from './AppShell.module.css';
import { BAR_PAGES, PAGE_GROUPS, PAGES, type PageEntry } from './pages';
import { PageBoundary } from './PageBoundary';
import { Settings } from './Settings';

/** Navigation around the pages: at the side where there is room, else at the edges above and below. */
export function AppShell(): ReactNode {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const access = useAccess();
  const more = useRef<DialogHandle>(null);
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    more.current?.close();
    window.scrollTo(0, 0);
  }, [pathname]);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main" onClick={(event) => focusMain(event, main.current)}>
        {t('nav.skip')}
      </a>
      <header className={styles.top}>
        <Link to="/" aria-label="Playhead">
          <Logo />
        </Link>
        <RoleBadge />
      </header>
      <aside className={styles.side}>
        <Link to="/" className={styles.brand} aria-label="Playhead">
          <Logo />
        </Link>
        <nav className={styles.nav} aria-label={t('nav.label')}>
          <PageLinks />
        </nav>
        <div className={styles.foot}>
          <Settings />
          <div className={styles.about}>
            <RoleBadge />
            {access.data && <span>{t('version', { version: access.data.version })}</span>}
          </div>
        </div>
      </aside>
      <main id="main" ref={main} className={styles.main} tabIndex={-1}>
        <PageBoundary key={pathname}>
          <Suspense fallback={<Loading lines={6} />}>
            {access.error && !access.data ? (
              <ErrorState error={access.error} onRetry={() => void access.refetch()} />
            ) : access.data ? (
              <Outlet />
            ) : (
              <Loading lines={6} />
            )}
          </Suspense>
        </PageBoundary>
      </main>
      <nav className={styles.bar} aria-label={t('nav.label')}>
        {PAGES.filter(({ name }) => BAR_PAGES.includes(name)).map((page) => (
          <PageLink key={page.name} page={page} className={styles.barLink} size={20} />
        ))}
        <button type="button" className={styles.barLink} onClick={() => more.current?.open()}>
          <Icon name="more" size={20} />
          {t('nav.more')}
        </button>
      </nav>
      <Dialog handle={more} title={t('nav.more')} kind="sheet">
        <nav className={styles.sheetNav} aria-label={t('nav.label')}>
          <PageLinks />
        </nav>
        <Settings />
      </Dialog>
    </div>
  );
}

function focusMain(event: { preventDefault(): void }, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

function PageLinks(): ReactNode {
  const { t } = useTranslation();
  return PAGE_GROUPS.map(({ name, pages }) => (
    <div key={name} className={styles.group}>
      <p className={styles.groupName}>{t(`nav.groups.${name}`)}</p>
      <ul>
        {pages.map((page) => (
          <li key={page.name}>
            <PageLink page={page} className={styles.link} size={16} />
            {page.name === 'boards' && <KeptLinks linkClass={classNames(styles.link, styles.inner)} currentClass={styles.current} />}
          </li>
        ))}
      </ul>
    </div>
  ));
}

/** A link to a page that takes the scope along. */
function PageLink({ page, className, size }: { page: PageEntry; className: string | undefined; size: number }): ReactNode {
  const { t } = useTranslation();
  const href = useScopedHref();
  return (
    <NavLink
      to={href(page.path)}
      end={page.path === '/' || page.path === '/boards'}
      className={({ isActive }) => classNames(className, isActive && styles.current)}
    >
      <Icon name={page.icon} size={size} />
      {t(`nav.${page.name}`)}
    </NavLink>
  );
}

function RoleBadge(): ReactNode {
  const { t } = useTranslation();
  const { data } = useAccess();
  if (!data) return null;
  return (
    <Tooltip text={t(data.role === 'admin' ? 'role.adminHint' : 'role.readHint')}>
      <Badge tone={data.role === 'admin' ? 'info' : 'neutral'}>{t(`role.${data.role}`)}</Badge>
    </Tooltip>
  );
}
