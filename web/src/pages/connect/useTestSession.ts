import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { postJson, remove, type ApiError } from '../../api/client';
import { useAccess } from '../../api/hooks';
import { showToast } from '../../components/overlays/toasts';
import { useFaultOf } from '../../i18n/useFaultOf';
import { useFaultText } from '../../i18n/useFaultText';
import { sendTestSession } from './testSession';

/** Why the session is excluded, as the list of excluded sessions has it. */
const REASON = 'test';

export interface TestSession {
  isSending: boolean;
  /** The session that was sent last. */
  sessionId: string | null;
  /** Whether reports count it; null while that is being decided. */
  isCounted: boolean | null;
  /** Whether the reader may change that. */
  canExclude: boolean;
  /** Why it is counted although it was to be left out, or the other way round. */
  fault: string | null;
  send(): Promise<void>;
  exclude(): void;
  count(): void;
}

/** Sends a test session and, if the reader may, takes it out of all reports: it is not something that anybody watched. */
export function useTestSession(): TestSession {
  const { t } = useTranslation('connect');
  const said = useFaultText();
  const faultOf = useFaultOf();
  const { data } = useAccess();
  const [isSending, setIsSending] = useState(false);
  const [sessionId, setSessionId] = useState<string | null>(null);
  const [isCounted, setIsCounted] = useState<boolean | null>(null);
  const exclusion = useExclusionOfAny();
  const canExclude = data?.role === 'admin';
  const exclude = (id: string | null) => {
    if (id === null) return;
    exclusion.mutate(
      { sessionId: id, reason: REASON },
      { onSuccess: () => setIsCounted(false), onError: () => setIsCounted(true) },
    );
  };
  const count = () => {
    if (sessionId === null) return;
    exclusion.mutate({ sessionId, reason: null }, { onSuccess: () => setIsCounted(true) });
  };
  const send = async () => {
    setIsSending(true);
    try {
      const id = await sendTestSession(data?.report_suites[0] ?? 'playhead-test');
      setSessionId(id);
      setIsCounted(canExclude ? null : true);
      showToast(t('ways.tried'), 'good');
      if (canExclude) exclude(id);
    } catch (error) {
      showToast(t('ways.tryFailed', { message: error instanceof Error ? said(error.message) : '' }), 'bad');
    }
    setIsSending(false);
  };
  return {
    isSending,
    sessionId,
    isCounted,
    canExclude,
    fault: faultOf(exclusion.error),
    send,
    exclude: () => exclude(sessionId),
    count,
  };
}

/** As `useExclude`, of a session whose id is known only when it has been sent. */
function useExclusionOfAny() {
  const client = useQueryClient();
  return useMutation<unknown, ApiError, { sessionId: string; reason: string | null }>({
    mutationFn: ({ sessionId, reason }) => {
      const path = `/sessions/${encodeURIComponent(sessionId)}/exclusion`;
      return reason === null ? remove(path) : postJson(path, { reason });
    },
    onSuccess: () => client.invalidateQueries(),
  });
}
