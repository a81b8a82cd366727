import { rawMembers, writeMembers } from '../events/rawJson';
import type { RecordedEvent } from '../events/recordedEvent';

/**
 * A session as a file that can be sent again: `{title, first_ts, steps: [{at, body}]}`, in the order of arrival. `at` is
 * seconds after `first_ts`, by the times at which the events count, and bodies have no `ts` of their own; all else is as it
 * was sent, digit by digit.
 */
export function replayFile(title: string, events: readonly RecordedEvent[]): string {
  const arrived = [...events].sort((one, other) => one.sequence - other.sequence);
  const firstMs = arrived[0]?.tsMs ?? 0;
  const steps = arrived.map(({ tsMs, raw }) => `  {"at": ${(tsMs - firstMs) / 1000}, "body": ${withoutTs(raw)}}`);
  return `{"title": ${JSON.stringify(title)}, "first_ts": ${firstMs}, "steps": [\n${steps.join(',\n')}\n]}\n`;
}

function withoutTs(body: string): string {
  const members = rawMembers(body).map(({ key, raw }) => {
    if (key !== 'playerTime' || !raw.startsWith('{')) return { key, raw };
    return { key, raw: writeMembers(rawMembers(raw).filter((member) => member.key !== 'ts')) };
  });
  return writeMembers(members);
}
