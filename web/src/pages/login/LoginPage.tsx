import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { logIn } from '../../api/access';
import { ApiError } from '../../api/client';
import { queryClient } from '../../api/queryClient';
import { Logo } from '../../brand/Logo';
import { Button } from '../../components/controls/Button';
import { TextField } from '../../components/controls/TextField';
import { useFaultText } from '../../i18n/useFaultText';
import { Settings } from '../../shell/Settings';
import styles from './LoginPage.module.css';
import { returnPath } from './returnPath';

export default function LoginPage(): ReactNode {
  const { t } = useTranslation('login');
  return (
    <div className={styles.page}>
      <main className={styles.card}>
        <Logo size={32} />
        <div>
          <h1 className={styles.title}>{t('title')}</h1>
          <p className={styles.intro}>{t('intro')}</p>
        </div>
        <LoginForm />
        <details className={styles.help}>
          <summary>{t('where.title')}</summary>
          <p>{t('where.firstStart')}</p>
          <p>
            {t('where.lost')} <code className={styles.command}>playhead serve --new-admin-token</code>
          </p>
          <p>{t('where.readOnly')}</p>
        </details>
      </main>
      <footer className={styles.settings}>
        <Settings canLogOut={false} />
      </footer>
    </div>
  );
}

type Problem = 'empty' | 'wrong' | 'busy' | 'unreachable' | { message: string };

function LoginForm(): ReactNode {
  const { t } = useTranslation('login');
  const said = useFaultText();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [token, setToken] = useState('');
  const [isShown, setIsShown] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    // Copied lines often bring blanks along.
    const entered = token.trim();
    if (entered === '') return setProblem('empty');
    setIsSending(true);
    setProblem(null);
    try {
      await logIn(entered);
      queryClient.clear();
      navigate(returnPath(params.get('return')), { replace: true });
    } catch (error) {
      setProblem(problemOf(error));
      setIsSending(false);
    }
    return undefined;
  };

  const text = problem && (typeof problem === 'string' ? t(problem) : t('failed', { message: said(problem.message) }));
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
      {/* Managers of passwords want a name beside the secret. */}
      <input className="visually-hidden" autoComplete="username" defaultValue="playhead" tabIndex={-1} aria-hidden readOnly />
      <div className={styles.token}>
        <TextField
          label={t('token')}
          type={isShown ? 'text' : 'password'}
          name="token"
          autoComplete="current-password"
          autoFocus
          spellCheck={false}
          value={token}
          error={text}
          onChange={(event) => {
            setToken(event.target.value);
            setProblem(null);
          }}
        />
        <Button kind="quiet" size="small" className={styles.show ?? ''} onClick={() => setIsShown(!isShown)}>
          {t(isShown ? 'hide' : 'show')}
        </Button>
      </div>
      <Button type="submit" kind="primary" className={styles.submit ?? ''} disabled={isSending}>
        {t(isSending ? 'submitting' : 'submit')}
      </Button>
    </form>
  );
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof ApiError)) return { message: String(error) };
  if (error.isUnreachable) return 'unreachable';
  if (error.status === 401 || error.status === 403) return 'wrong';
  if (error.status === 429 || error.status === 503) return 'busy';
  return { message: error.message };
}
