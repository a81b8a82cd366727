import type { Fault } from '../../api/client';
import type { RefusedRequest } from '../../api/live';
import type { connect } from '../../i18n/en/connect';

export type Advice = keyof typeof connect.advice;

/** Advice for the player developer about a refused request as a whole; null if its faults are enough. */
export function adviceOnRequest({ status, reason, errors }: RefusedRequest): Advice | null {
  if (status === 404) return 'sessionUnknown';
  if (status === 410) return 'sessionClosed';
  if (status === 413) return 'tooLarge';
  if (status === 415) return 'encoding';
  if (status === 408) return 'slow';
  if (status === 429 || status === 503) return 'again';
  if (reason.includes('json') || reason === 'body_unreadable') return 'json';
  return errors.length === 0 ? 'other' : null;
}

/** Advice about one fault, by its message. */
export function adviceOnFault({ path, message }: Fault): Advice {
  if (/not valid JSON|is empty, must be JSON|not UTF-8|nested deeper|surrogate/.test(message)) return 'json';
  if (/longer than|more than \d+ events/.test(message)) return 'tooLarge';
  if (path.endsWith('/analytics.reportSuite') && !message.startsWith('is required')) return 'suite';
  if (message.startsWith('is required')) return 'missing';
  if (message.includes('not documented')) return 'unknown';
  if (/^must be (a|an) .*, is /.test(message)) return 'type';
  if (path.endsWith('/playerTime/ts')) return 'time';
  if (path.endsWith('/playerTime/playhead')) return 'playhead';
  return 'value';
}

/** The last part of a path: the key that it is about. */
export function keyOf(path: string): string {
  return (path.split('/').at(-1) ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
}
