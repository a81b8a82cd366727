import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { postForBlob } from '../../api/client';
import { saveBlob } from '../../components/saveFile';
import { Button } from '../../components/controls/Button';
import { CopyButton } from '../../components/controls/CopyButton';
import { textForChart } from '../../components/text/clipText';
import { HostileText } from '../../components/text/HostileText';
import { Popover } from '../../components/overlays/Popover';
import { csvForSpreadsheets } from '../../components/tables/csv';
import { TextField } from '../../components/controls/TextField';
import { showToast } from '../../components/overlays/toasts';
import { useFaultText } from '../../i18n/useFaultText';
import { EXAMPLES } from './examples';
import styles from './QueryMenus.module.css';
import { linkOf, loadSaved, storeSaved, withSaved, type SavedQuery } from './savedQueries';

export function ExamplesMenu({ onChoose }: { onChoose: (sql: string) => void }): ReactNode {
  const { t } = useTranslation('sql');
  return (
    <Popover label={t('examples.label')} title={t('examples.title')}>
      {(close) => (
        <ul className={styles.list}>
          {EXAMPLES.map(({ name, sql }) => (
            <li key={name}>
              <button
                type="button"
                className={styles.item}
                onClick={() => {
                  close();
                  onChoose(sql);
                }}
              >
                {t(`examples.${name}`)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}

interface SavedMenuProps {
  /** The text in the editor. */
  text: () => string;
  initialName: string;
  onChoose: (query: SavedQuery) => void;
}

/** The reader's own queries, kept in the browser; each has a link for others. */
export function SavedMenu({ text, initialName, onChoose }: SavedMenuProps): ReactNode {
  const { t } = useTranslation('sql');
  const [list, setList] = useState(loadSaved);
  const [name, setName] = useState(initialName);
  const store = (next: SavedQuery[], message: string | null) => {
    if (!storeSaved(next)) return showToast(t('saved.failed'), 'bad');
    setList(next);
    if (message) showToast(message, 'good');
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return;
    const isKnown = list.some((query) => query.name === name.trim());
    store(withSaved(list, { name, sql: text() }), isKnown ? t('saved.replaced') : t('saved.saved'));
  };
  return (
    <Popover label={t('saved.label')} title={t('saved.title')}>
      {(close) => (
        <div className={styles.saved}>
          <form className={styles.save} onSubmit={save}>
            <TextField
              label={t('saved.name')}
              value={name}
              maxLength={120}
              required
              onChange={(event) => setName(event.target.value)}
            />
            <Button type="submit" kind="primary">
              {t('saved.save')}
            </Button>
          </form>
          {list.length === 0 && <p className={styles.none}>{t('saved.none')}</p>}
          <ul className={styles.list}>
            {list.map((query) => (
              <li key={query.name} className={styles.entry}>
                <button
                  type="button"
                  className={styles.item}
                  onClick={() => {
                    setName(query.name);
                    close();
                    onChoose(query);
                  }}
                >
                  <HostileText text={query.name} max={60} />
                </button>
                <LinkButton query={query} />
                <Button
                  kind="quiet"
                  size="small"
                  icon="close"
                  iconOnly
                  onClick={() => store(list.filter((other) => other !== query), null)}
                >
                  {t('saved.remove', { name: textForChart(query.name, 60) })}
                </Button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Popover>
  );
}

function LinkButton({ query }: { query: SavedQuery }): ReactNode {
  const { t } = useTranslation('sql');
  const link = linkOf(query.sql, query.name);
  if (link === null) {
    return (
      <Button kind="quiet" size="small" icon="copy" iconOnly onClick={() => showToast(t('saved.tooLong'), 'bad')}>
        {t('saved.copyLink')}
      </Button>
    );
  }
  return (
    <CopyButton kind="quiet" iconOnly text={`${window.location.origin}${link}`}>
      {t('saved.copyLink')}
    </CopyButton>
  );
}

const FORMATS = [
  { name: 'CSV', ending: 'csv', accept: 'text/csv' },
  { name: 'Parquet', ending: 'parquet', accept: 'application/vnd.apache.parquet' },
] as const;

/** Saves all rows of a query in another form. */
export function ExportMenu({ sql }: { sql: string }): ReactNode {
  const { t } = useTranslation('sql');
  const said = useFaultText();
  const [isBusy, setIsBusy] = useState(false);
  const save = async ({ ending, accept }: (typeof FORMATS)[number]) => {
    setIsBusy(true);
    try {
      const blob = await postForBlob('/sql', { query: sql }, accept);
      saveBlob(ending === 'csv' ? new Blob([csvForSpreadsheets(await blob.text())], { type: accept }) : blob, `query.${ending}`);
    } catch (error) {
      const message = error instanceof Error ? said(error.message).slice(0, 200) : '';
      showToast(t('result.exportFailed', { message }), 'bad');
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Popover label={t('result.export')} title={t('result.exportTitle')} button={{ icon: 'download', size: 'small' }} align="end">
      {(close) => (
        <div className={styles.saved}>
          <p className={styles.none}>{t('result.exportHint')}</p>
          <div className={styles.formats}>
            {FORMATS.map((format) => (
              <Button
                key={format.ending}
                disabled={isBusy}
                onClick={() => {
                  close();
                  void save(format);
                }}
              >
                {format.name}
              </Button>
            ))}
          </div>
        </div>
      )}
    </Popover>
  );
}
