import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { logOut } from '../api/access';
import { useAccess } from '../api/hooks';
import { queryClient } from '../api/queryClient';
import { Button } from '../components/controls/Button';
import { Icon, type IconName } from '../components/Icon';
import { Select } from '../components/controls/Select';
import { useChangeScope } from '../filters/useScope';
import { chooseLanguage } from '../i18n/i18n';
import { isLanguage, LANGUAGES, type Language } from '../i18n/languages';
import { chooseZone, usualZone, useZoneChoice, zoneLabel } from '../time/readerZone';
import { browserZone } from '../time/zone';
import { chooseTheme, useThemeChoice, type ThemeChoice } from '../theme/theme';
import styles from './Settings.module.css';

const THEMES: readonly { choice: ThemeChoice; icon: IconName }[] = [
  { choice: 'system', icon: 'system' },
  { choice: 'light', icon: 'sun' },
  { choice: 'dark', icon: 'moon' },
];

/** Language, time zone, theme, and the way out. */
export function Settings({ canLogOut = true }: { canLogOut?: boolean }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const leave = async () => {
    // Whatever the server says: who leaves sees nothing any more.
    await logOut().catch(() => null);
    queryClient.clear();
    navigate('/login');
  };
  return (
    <div className={styles.settings}>
      <div className={styles.row}>
        <LanguageSelect />
        {canLogOut && (
          <Button kind="quiet" icon="logOut" iconOnly onClick={() => void leave()}>
            {t('settings.logOut')}
          </Button>
        )}
      </div>
      {canLogOut && <ZoneSelect />}
      <ThemeSwitch />
    </div>
  );
}

function LanguageSelect(): ReactNode {
  const { t, i18n } = useTranslation();
  const language: Language = isLanguage(i18n.language) ? i18n.language : 'en';
  return (
    <Select
      label={t('settings.language')}
      hideLabel
      className={styles.language ?? ''}
      value={language}
      options={LANGUAGES.map(({ code, name }) => ({ value: code, label: name }))}
      onChange={(chosen) => void chooseLanguage(chosen)}
    />
  );
}

/** The zone of pages whose address names none. Any other can be chosen beside a range, and kept from there. */
function ZoneSelect(): ReactNode {
  const { t } = useTranslation();
  const access = useAccess();
  const chosen = useZoneChoice();
  const change = useChangeScope();
  const [params] = useSearchParams();
  const ofServer = access.data?.time_zone;
  if (ofServer === undefined) return null;
  const zones = new Set([browserZone(), ...(chosen === null ? [] : [chosen])]);
  const choose = (zone: string) => {
    chooseZone(zone === '' ? null : zone);
    // What is on the page follows.
    if (params.has('tz')) change({ timeZone: usualZone() });
  };
  return (
    <Select
      label={t('settings.timeZone')}
      hideLabel
      className={styles.language ?? ''}
      value={chosen ?? ''}
      options={[
        { value: '', label: t('settings.serverZone', { zone: zoneLabel(ofServer) }) },
        ...[...zones].map((zone) => ({ value: zone, label: zoneLabel(zone) })),
      ]}
      onChange={choose}
    />
  );
}

function ThemeSwitch(): ReactNode {
  const { t } = useTranslation();
  const chosen = useThemeChoice();
  return (
    <div className={styles.themes} role="group" aria-label={t('settings.theme')}>
      {THEMES.map(({ choice, icon }) => (
        <button
          key={choice}
          type="button"
          className={styles.theme}
          aria-pressed={choice === chosen}
          title={t(`settings.${choice}`)}
          onClick={() => chooseTheme(choice)}
        >
          <Icon name={icon} size={15} />
          <span className="visually-hidden">{t(`settings.${choice}`)}</span>
        </button>
      ))}
    </div>
  );
}
