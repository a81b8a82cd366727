import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { HostileText } from '../../../components/text/HostileText';
import type { Scope } from '../../../filters/scope';
import { useScopedHref } from '../../../filters/useScope';
import { visitorPath } from './visitorAddress';

interface VisitorTextProps {
  /** The visitor's id; null where none is named. */
  id: string | null;
  max: number;
  mono?: boolean;
  /** Changes to the scope of the page that it leads to. */
  scope?: Partial<Scope>;
}

/** A visitor by the id, which leads to the visitor's page. */
export function VisitorText({ id, max, mono = false, scope }: VisitorTextProps): ReactNode {
  const { t } = useTranslation('sessions');
  const href = useScopedHref();
  const path = id === null ? null : visitorPath(id);
  const text = <HostileText text={id} max={max} mono={mono} />;
  if (path === null) return text;
  return (
    <Link to={href(path, scope)} title={t('visitor.open')}>
      {text}
    </Link>
  );
}
