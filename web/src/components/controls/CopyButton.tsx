import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, type ButtonProps } from './Button';
import { showToast } from '../overlays/toasts';

interface CopyButtonProps extends Pick<ButtonProps, 'kind' | 'size' | 'iconOnly'> {
  /** The text to copy, or a function that returns it. */
  text: string | (() => string);
  /** The button's text; "Copy" when not named. */
  children?: ReactNode;
}

/** Copies a text, and says so. */
export function CopyButton({ text, children, kind = 'normal', size = 'small', iconOnly }: CopyButtonProps): ReactNode {
  const { t } = useTranslation();
  const [isDone, setIsDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setIsDone(false), 1_800);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = async () => {
    const copied = await copyText(typeof text === 'string' ? text : text());
    setIsDone(copied);
    showToast(copied ? t('copied') : t('copyFailed'), copied ? 'good' : 'bad');
  };
  return (
    <Button
      kind={kind}
      size={size}
      icon={isDone ? 'check' : 'copy'}
      {...(iconOnly === undefined ? {} : { iconOnly })}
      onClick={() => void copy()}
    >
      {children ?? t('copy')}
    </Button>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Without TLS the clipboard is closed to scripts, except by the selection. */
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  const parent = document.querySelector('dialog[open]') ?? document.body;
  parent.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  return copied;
}
