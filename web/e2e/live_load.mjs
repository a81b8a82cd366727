// Measures the live page under load; prints numbers and asserts nothing, for they depend on the machine.
//
//   node live_load.mjs [--sessions 50000] [--rate 2000] [--seconds 60] [--viewers 4]
//
// A server has so many open sessions and so many events a second. First nobody looks, then one page in a browser does, whose
// long tasks are counted, then other viewers do, plain clients that stream and poll as a page does, and then nobody again.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

import { DashboardServer } from './dashboard_server.mjs';
import { startBrowser } from './rig.mjs';
import { WatchedPage } from './watched_page.mjs';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '50000' },
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '60' },
    viewers: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
  },
});
const seconds = Number(values.seconds);
const viewers = Number(values.viewers);
/** What a page asks for beside the stream, and how often. */
const POLLED = [{ path: '/sessions?open=true&limit=25', everyMs: 5_000 }];
const OPENING_MS = 10 * 60_000;
/** Long tasks of the load itself are not those of the page while it is open. */
const SETTLING_MS = 3_000;
const LONG_MS = 100;
/** As long as between two polls of a page. */
const STRETCH_SECONDS = 5;

let server;
let players;
let browser;
const readers = [];
try {
  server = await DashboardServer.start({ isEmpty: true });
  players = await startPlayers();
  const pid = server.process.pid;
  console.log(`${players.opened} sessions are open, ${values.rate} events a second are sent`);

  const before = await measure(pid, 'nobody looks');

  const cookie = await server.logIn('admin');
  browser = await startBrowser();
  const watched = await WatchedPage.open({ browser, server, cookie });
  await watched.page.addInitScript(() => {
    window.longTasks = [];
    window.longFrames = [];
    new PerformanceObserver((list) => {
      for (const frame of list.getEntries()) {
        window.longFrames.push({ duration: frame.duration, scripts: frame.scripts.map((script) =>
          `${Math.round(script.duration)} ms ${script.invoker} (${script.sourceURL.split('/').at(-1)})`) });
      }
    }).observe({ type: 'long-animation-frame', buffered: true });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ startTime, duration });
    }).observe({ type: 'longtask', buffered: true });
  });
  await watched.goto('/');
  const loading = await watched.page.evaluate(() => window.longTasks.splice(0));
  await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  loading.push(...await watched.page.evaluate(() => window.longTasks.splice(0)));
  const frames = await watched.page.evaluate(() => window.longFrames.splice(0));
  const one = await measure(pid, 'one page');
  const tasks = await watched.page.evaluate(() => window.longTasks);
  await watched.close();
  await browser.close();
  browser = null;

  for (let place = 0; place < viewers; place += 1) readers.push(startViewer(server.base, cookie.split(';')[0]));
  const many = await measure(pid, `${viewers} plain viewers`);
  for (const stop of readers.splice(0)) stop();
  const after = await measure(pid, 'nobody looks again');
  // Sessions grow while they last, and so does what they cost.
  const idle = (before + after) / 2;

  const durations = (list) => list.map(({ duration }) => Math.round(duration)).sort((a, b) => b - a);
  const said = (list) => `longest ${durations(list)[0] ?? 0} ms, ${durations(list).filter((ms) => ms > LONG_MS).length} over ${LONG_MS} ms, ${list.length} in all`;
  console.log(`long tasks while loading: ${said(loading)}`);
  for (const { duration, scripts } of frames.filter(({ duration: ms }) => ms > LONG_MS)) {
    console.log(`  a frame of ${Math.round(duration)} ms: ${scripts.join(', ') || 'no script over 5 ms'}`);
  }
  console.log(`long tasks in ${seconds} s after: ${said(tasks)} (${durations(tasks).slice(0, 10).join(', ')})`);
  console.log(`CPU of the server for one page: ${(one - idle).toFixed(2)} % of a core`);
  console.log(`CPU of the server for each plain viewer: ${((many - idle) / viewers).toFixed(2)} % of a core`);
} finally {
  for (const stop of readers) stop();
  await browser?.close();
  players?.process.kill('SIGTERM');
  await server?.stop();
}

/**
 * The CPU that the server takes, in percent of a core: the median of stretches as long as between two polls, for handing
 * events over to the tables comes in bursts that have nothing to do with who looks.
 */
async function measure(pid, what) {
  await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  const [sentBefore, begun] = [players.sent, performance.now()];
  const stretches = [];
  for (let rest = seconds; rest > 0; rest -= STRETCH_SECONDS) {
    const [cpuBefore, from] = [cpuSeconds(pid), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, STRETCH_SECONDS * 1_000));
    stretches.push((cpuSeconds(pid) - cpuBefore) / (performance.now() - from) * 100_000);
  }
  stretches.sort((a, b) => a - b);
  const middle = stretches.length / 2;
  const percent = (stretches[Math.floor(middle)] + stretches[Math.ceil(middle) - 1]) / 2;
  const rate = (players.sent - sentBefore) / (performance.now() - begun) * 1_000;
  const [least, most] = [stretches[0], stretches.at(-1)].map((value) => value.toFixed(1));
  console.log(`${what}: the server takes ${percent.toFixed(2)} % of a core (${least} to ${most}) at ${rate.toFixed(0)} events a second, ${players.failed} refused so far`);
  return percent;
}

/** User and system time of a process and its threads. */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before may have blanks; the fields after it are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const TICKS_A_SECOND = 100;
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Starts the players and waits until all sessions are open. */
async function startPlayers() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('live_load_players.mjs', import.meta.url))], {
    env: { ...process.env, COLLECTION: server.collection, SESSIONS: values.sessions, RATE: values.rate, CONNECTIONS: values.connections },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.on('exit', () => child.kill('SIGKILL'));
  const state = { process: child, opened: 0, sent: 0, failed: 0 };
  await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the sessions do not open in time')), OPENING_MS);
    child.on('exit', (code) => reject(new Error(`the players ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [word, count, , failed] = line.split(' ');
      if (word === 'opened') {
        state.opened = Number(count);
        clearTimeout(late);
        resolve();
      } else {
        state.sent = Number(count);
        state.failed = Number(failed);
      }
    });
  });
  return state;
}

/** Streams and polls as a page does, and throws away what comes; gives what ends it. */
function startViewer(base, cookie) {
  const abort = new AbortController();
  const headers = { Cookie: cookie };
  const get = (path) => fetch(`${base}/reports/v1${path}`, { headers, signal: abort.signal });
  const ignore = () => {};
  (async () => {
    const answer = await get('/live');
    for await (const chunk of answer.body) void chunk;
  })().catch(ignore);
  const timers = POLLED.map(({ path, everyMs }) => setInterval(() => {
    get(path).then((answer) => answer.arrayBuffer()).catch(ignore);
  }, everyMs));
  return () => {
    for (const timer of timers) clearInterval(timer);
    abort.abort();
  };
}
