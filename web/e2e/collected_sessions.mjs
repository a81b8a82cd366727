// Sessions that tests send to the collection, among them those of players that mean no good.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Names that try to be markup, to turn the text around them, or to be longer than any box. */
export const HOSTILE_NAMES = {
  markup: '<img src=x onerror=alert(1)><script>alert(2)</script>"\'><svg onload=alert(3)>',
  template: '{{constructor.constructor("alert(4)")()}} ${alert(5)} $t(nav.live)',
  rightToLeft: '\u202eright to left \u202d\u2066 and back\u200b to front',
  arabic: 'نشرة الأخبار ١٢',
  // As long as an event may be, with some room for the rest of it.
  longWord: 'W'.repeat(63_000),
  emoji: '👩‍👩‍👧‍👦🎬🏳️‍🌈🇹🇼 e\u0301\u0323\u0308\u0308\u0308\u0308\u0308\u0308',
  lines: 'first line\nsecond line\ttab \u0085 \u2028 end',
};

const DEFAULTS = {
  'analytics.trackingServer': 'metrics.example.com',
  'analytics.reportSuite': 'dashboard-test',
  'visitor.marketingCloudOrgId': '0123456789ABCDEF@AdobeOrg',
  'media.length': 600,
  'media.contentType': 'VOD',
  'media.playerName': 'a player',
  'media.channel': 'dashboard-test',
};

/** An open session, whose events are sent one after the other. */
export class CollectedSession {
  /** Opens a session and lets it play. `params` override those that every session has. */
  static async open(server, params = {}, more = {}) {
    const session = new CollectedSession();
    session.server = server;
    session.ts = Date.now();
    const id = params['media.id'] ?? randomUUID();
    const start = {
      playerTime: { playhead: 0, ts: session.ts },
      eventType: 'sessionStart',
      params: { ...DEFAULTS, 'media.id': id, 'media.name': id, 'analytics.visitorId': randomUUID(), ...params },
      ...more,
    };
    const answer = await post(server.collection, start);
    if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
    session.id = answer.headers.get('Location').split('/').at(-1);
    await session.send('play');
    return session;
  }

  async send(eventType, more = {}, playhead = 0) {
    // Events of the same millisecond would be in no order.
    this.ts = Math.max(Date.now(), this.ts + 1);
    const event = { playerTime: { playhead, ts: this.ts }, eventType, params: {}, ...more };
    const answer = await post(`${this.server.collection}/${this.id}/events`, event);
    if (answer.status !== 204) throw new Error(`${answer.status} ${await answer.text()}`);
  }
}

/** Sends a recorded session as it is, and says under which id. */
export async function sendTimeline(server, name) {
  const file = new URL(`../../testdata/timelines/${name}.json`, import.meta.url);
  const { first_ts: first, steps } = JSON.parse(readFileSync(file, 'utf8'));
  let events;
  let id;
  for (const { at, body } of steps) {
    const event = { ...body, playerTime: { ...body.playerTime, ts: first + Math.round(at * 1_000) } };
    const answer = await post(events ?? server.collection, event);
    if (!answer.ok) throw new Error(`${name}, ${body.eventType}: ${answer.status} ${await answer.text()}`);
    if (!events) {
      id = answer.headers.get('Location').split('/').at(-1);
      events = `${server.collection}/${id}/events`;
    }
  }
  return id;
}

/** Sends what the server refuses; its answer. */
export async function sendRefused(server, event, path = '') {
  const answer = await post(`${server.collection}${path}`, event);
  if (answer.ok) throw new Error('the server took what it should refuse');
  return answer.json();
}

function post(url, event) {
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: typeof event === 'string' ? event : JSON.stringify(event),
  });
}
