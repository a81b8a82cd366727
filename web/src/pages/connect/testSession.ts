/** A short session sent from this page, as a player would: so that one sees what arriving events look like. */
export class TestSessionError extends Error {}

const PLAYED_MS = 2_000;

/** Sends it and gives its id. Takes as long as it plays. */
export async function sendTestSession(reportSuite: string): Promise<string> {
  const began = Date.now();
  const event = (eventType: string, params: Record<string, unknown> = {}) => ({
    playerTime: { playhead: (Date.now() - began) / 1000, ts: Date.now() },
    eventType,
    params,
  });
  const answer = await post('/api/v1/sessions', {
    ...event('sessionStart', {
      'analytics.trackingServer': location.host,
      'analytics.reportSuite': reportSuite,
      'visitor.marketingCloudOrgId': 'playhead',
      'media.id': 'playhead-test',
      'media.name': 'Playhead test session',
      'media.length': 60,
      'media.contentType': 'vod',
      'media.playerName': 'Playhead dashboard',
      'media.channel': 'test',
    }),
    playerTime: { playhead: 0, ts: began },
  });
  const session = answer.headers.get('Location');
  if (session === null) throw new TestSessionError(String(answer.status));
  await post(`${session}/events`, event('play'));
  await new Promise((resolve) => setTimeout(resolve, PLAYED_MS));
  await post(`${session}/events`, event('ping'));
  await post(`${session}/events`, event('sessionEnd'));
  return session.split('/').at(-1) ?? '';
}

async function post(url: string, body: unknown): Promise<Response> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) }).catch(() => null);
  if (answer === null) throw new TestSessionError('0');
  if (answer.ok) return answer;
  const { message } = (await answer.json().catch(() => ({}))) as { message?: string };
  throw new TestSessionError(message ?? String(answer.status));
}
