// One browser and one server with generated data for all tests of a run.

import { after, before } from 'node:test';

import { chromium } from 'playwright-core';

import { DashboardServer } from './dashboard_server.mjs';
import { populate } from './population.mjs';
import { WatchedPage } from './watched_page.mjs';

/** What takes longer has failed, also on a busy machine. */
export const TEST_MS = 180_000;
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const rig = { browser: null, server: null, cookies: {}, population: null };

export async function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    headless: true,
    args: CHROMIUM_FLAGS,
  });
}

/** Starts server and browser; pictures want other sessions than tests do. */
export async function startRig({ isEmpty = false, fill = populate } = {}) {
  rig.server = await DashboardServer.start({ isEmpty });
  rig.cookies = { admin: await rig.server.logIn('admin'), read: await rig.server.logIn('read') };
  rig.population = await fill(rig.server);
  rig.browser = await startBrowser();
}

export async function stopRig() {
  await rig.browser?.close();
  await rig.server?.stop();
}

/** Tests call this at their top, so that each file also runs alone. */
let isArranged = false;
export function arrange() {
  if (isArranged) return;
  isArranged = true;
  before(startRig, { timeout: TEST_MS });
  after(stopRig, { timeout: TEST_MS });
}

/**
 * A page for the length of a test, logged in unless `role` is null.
 *
 * @param {import('node:test').TestContext} t
 */
export async function openPage(t, { role = 'admin', server = rig.server, cookie, ...options } = {}) {
  const watched = await WatchedPage.open(
    { browser: rig.browser, server, cookie: cookie ?? (role && rig.cookies[role]) },
    options,
  );
  t.after(() => watched.close());
  return watched;
}
