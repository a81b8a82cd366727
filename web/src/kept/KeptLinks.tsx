import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink } from 'react-router';
import { useBoards, useViews } from '../api/kept';
import { classNames } from '../components/classNames';
import { Icon } from '../components/Icon';
import { HostileText } from '../components/text/HostileText';
import { useScopedHref } from '../filters/useScope';

/** Of each, the latest; the page of boards and views has all. */
const MOST_LINKS = 5;

/** The boards and views kept last, as links of the navigation. */
export function KeptLinks({ linkClass, currentClass }: { linkClass: string | undefined; currentClass: string | undefined }): ReactNode {
  const { t } = useTranslation('kept');
  const href = useScopedHref();
  const boards = (useBoards().data ?? []).slice(-MOST_LINKS).reverse();
  const views = (useViews().data ?? []).slice(-MOST_LINKS).reverse();
  if (boards.length + views.length === 0) return null;
  return (
    <ul aria-label={t('links')}>
      {boards.map(({ id, name }) => (
        <li key={id}>
          <NavLink
            to={href(`/boards/${id}`)}
            className={({ isActive }) => classNames(linkClass, isActive && currentClass)}
          >
            <Icon name="board" size={16} />
            <HostileText text={name} max={40} />
          </NavLink>
        </li>
      ))}
      {views.map(({ id, name, address }) => (
        <li key={id}>
          <Link to={address} className={linkClass}>
            <Icon name="bookmark" size={16} />
            <HostileText text={name} max={40} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
