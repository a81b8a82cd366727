import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFaults } from '../../api/hooks';
import type { RefusedRequest } from '../../api/live';
import { Badge } from '../../components/Badge';
import { Button } from '../../components/controls/Button';
import { EmptyState } from '../../components/states/EmptyState';
import { HostileText } from '../../components/text/HostileText';
import { Icon } from '../../components/Icon';
import { Panel } from '../../components/layout/Panel';
import { useFormat } from '../../format/useFormat';
import { FaultDetail } from './FaultDetail';
import styles from './FaultsPanel.module.css';

const SHOWN = 50;
const POLL_MS = 3_000;

/** The requests that were refused lately, each with what is wrong and what to do. */
export function FaultsPanel(): ReactNode {
  const { t } = useTranslation('connect');
  const [isPaused, setIsPaused] = useState(false);
  const query = useFaults(SHOWN, isPaused ? false : POLL_MS);
  const faults = query.data?.faults ?? [];
  const [open, setOpen] = useState<string | null>(null);
  const empty = query.data !== undefined && faults.length === 0 && (
    <EmptyState icon="check" title={t('faults.empty')} hint={t('faults.emptyHint')} />
  );
  return (
    <Panel
      title={t('faults.title')}
      hint={isPaused ? t('faults.paused') : t('faults.hint')}
      actions={
        <Button kind="quiet" size="small" aria-pressed={isPaused} onClick={() => setIsPaused(!isPaused)}>
          {t(isPaused ? 'faults.resume' : 'faults.pause')}
        </Button>
      }
      query={query}
      empty={empty}
      flush={!empty && query.data !== undefined}
    >
      <ul className={styles.list}>
        {faults.map((fault, place) => {
          // Requests have no name of their own; with the time, path and status one is found again after a poll.
          const key = `${fault.at} ${fault.path} ${fault.status}`;
          const isOpen = open === key || (open === null && place === 0);
          return (
            <li key={`${key} ${place}`} className={styles.item}>
              <FaultLine fault={fault} isOpen={isOpen} onToggle={() => setOpen(isOpen ? '' : key)} />
              {isOpen && <FaultDetail fault={fault} />}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

interface FaultLineProps {
  fault: RefusedRequest;
  isOpen: boolean;
  onToggle: () => void;
}

function FaultLine({ fault, isOpen, onToggle }: FaultLineProps): ReactNode {
  const { t } = useTranslation('connect');
  const format = useFormat();
  const count = fault.errors.length;
  return (
    <button type="button" className={styles.line} aria-expanded={isOpen} onClick={onToggle}>
      <Icon name={isOpen ? 'down' : 'right'} size={14} />
      <span className={styles.time}>{format.timeOfDay(fault.at)}</span>
      <Badge tone={fault.status >= 500 || fault.status === 429 ? 'warn' : 'bad'}>{fault.status}</Badge>
      <span className={styles.path}>
        <HostileText text={shortPath(fault.path)} max={80} mono />
      </span>
      {count > 0 && (
        <span className={styles.count}>{t('faults.count', { count, shown: format.number(count, 0) })}</span>
      )}
    </button>
  );
}

/** A path with its session's id made short. */
function shortPath(path: string): string {
  return path.replace(/([0-9a-f]{6})[0-9a-f]{58}/, '$1…');
}
