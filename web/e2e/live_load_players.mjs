// Players by the thousand, in a process of their own: opens sessions, then sends pings at a rate, until it is told to end.
// Started by live_load.mjs with its settings in the environment; says what it did on its standard output.

import { Agent, request } from 'node:http';

const { COLLECTION, SESSIONS, RATE, CONNECTIONS } = process.env;
const [sessions, rate, connections] = [SESSIONS, RATE, CONNECTIONS].map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
const CONTENTS = 400;
const TICK_MS = 20;

const ids = await openAll();
process.stdout.write(`opened ${ids.length}\n`);

let sent = 0;
let failed = 0;
let underWay = 0;
let due = 0;
let before = performance.now();
const timer = setInterval(() => {
  const now = performance.now();
  due += (now - before) / 1_000 * rate;
  before = now;
  // A server that does not keep up is not asked for ever more at a time.
  for (; due >= 1 && underWay < connections * 4; due -= 1) ping(ids[sent++ % ids.length]);
  if (due > rate) due = rate;
}, TICK_MS);
const report = setInterval(() => process.stdout.write(`sent ${sent} failed ${failed}\n`), 1_000);
process.on('SIGTERM', () => {
  clearInterval(timer);
  clearInterval(report);
  agent.destroy();
  process.exit(0);
});

async function openAll() {
  const opened = [];
  let next = 0;
  const worker = async () => {
    while (next < sessions) {
      const place = next++;
      // Some contents have far more viewers than others, as they do.
      const content = Math.floor(CONTENTS * (place / sessions) ** 3);
      const answer = await post(COLLECTION, {
        playerTime: { playhead: 0, ts: Date.now() },
        eventType: 'sessionStart',
        params: {
          'analytics.trackingServer': 'metrics.example.com',
          'analytics.reportSuite': 'load',
          'analytics.visitorId': `visitor-${place % Math.ceil(sessions * 0.9)}`,
          'visitor.marketingCloudOrgId': '0123456789ABCDEF@AdobeOrg',
          'media.id': `content-${content}`,
          'media.name': `Content ${content}`,
          'media.length': 7_200,
          'media.contentType': 'VOD',
          'media.playerName': 'load',
          'media.channel': ['web', 'tv', 'app'][place % 3],
        },
      });
      if (answer.status !== 201) throw new Error(`a session was answered ${answer.status}`);
      const id = answer.location.split('/').at(-1);
      opened.push(id);
      await post(`${COLLECTION}/${id}/events`, { playerTime: { playhead: 0, ts: Date.now() }, eventType: 'play', params: {} });
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return opened;
}

function ping(id) {
  underWay += 1;
  post(`${COLLECTION}/${id}/events`, { playerTime: { playhead: 1, ts: Date.now() }, eventType: 'ping', params: {} })
    .then(({ status }) => { failed += status === 204 ? 0 : 1; }, () => { failed += 1; })
    .finally(() => { underWay -= 1; });
}

function post(url, event) {
  const body = JSON.stringify(event);
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST', agent, headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
    }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode, location: answer.headers.location }));
      answer.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}
