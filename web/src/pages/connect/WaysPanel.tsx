import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '../../api/hooks';
import { CopyButton } from '../../components/controls/CopyButton';
import { DataTable } from '../../components/tables/DataTable';
import { Panel } from '../../components/layout/Panel';
import { Tabs } from '../../components/controls/Tabs';
import { curlSnippet, javascriptSnippet, sdkSettings, type SdkSetting } from './snippets';
import styles from './WaysPanel.module.css';

const WAYS = ['curl', 'javascript', 'sdk'] as const;
type Way = (typeof WAYS)[number];

/** Ways to send events, ready to copy. */
export function WaysPanel(): ReactNode {
  const { t } = useTranslation('connect');
  const { data } = useAccess();
  const [way, setWay] = useState<Way>('curl');
  const { origin, host, protocol } = window.location;
  const suite = data?.report_suites[0] ?? 'my-report-suite';
  return (
    <Panel title={t('ways.title')}>
      <Tabs
        label={t('ways.label')}
        tabs={WAYS.map((value) => ({ value, label: t(`ways.${value}`) }))}
        value={way}
        onChange={setWay}
      >
        <p className={styles.hint}>{t(`ways.${way}Hint`)}</p>
        {way === 'curl' && <Snippet text={curlSnippet(origin, suite)} label={t('ways.curl')} />}
        {way === 'javascript' && <Snippet text={javascriptSnippet(origin, suite)} label={t('ways.javascript')} />}
        {way === 'sdk' && <Settings settings={sdkSettings(host, protocol === 'https:')} />}
      </Tabs>
    </Panel>
  );
}

function Snippet({ text, label }: { text: string; label: string }): ReactNode {
  return (
    <div className={styles.snippet}>
      <div className={styles.copy}>
        <CopyButton text={text} />
      </div>
      <pre className={styles.code} tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  );
}

function Settings({ settings }: { settings: SdkSetting[] }): ReactNode {
  const { t } = useTranslation('connect');
  return (
    <div className={styles.settings}>
      <DataTable
        caption={t('ways.sdk')}
        rows={settings}
        rowKey={(_, place) => place}
        columns={[
          { key: 'platform', label: t('ways.platform'), grows: true, minWidth: 96, cell: (row) => row.platform },
          { key: 'setting', label: t('ways.setting'), cell: (row) => <code>{row.setting}</code> },
          {
            key: 'value',
            label: t('ways.value'),
            cell: (row) => (
              <span className={styles.value}>
                <code>{row.value}</code>
                <CopyButton text={row.value} kind="quiet" iconOnly />
              </span>
            ),
          },
        ]}
      />
    </div>
  );
}
