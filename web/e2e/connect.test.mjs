import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';

import { CollectedSession, sendRefused } from './collected_sessions.mjs';
import { DashboardServer, environment, TOKENS } from './dashboard_server.mjs';
import { texts } from './page_source.mjs';
import { arrange, openPage, TEST_MS } from './rig.mjs';

arrange();
const { connect } = texts.en;

describe('the page for those who connect players', { timeout: TEST_MS }, () => {
  test('waiting turns green with the first event, and what is refused shows with its places', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    const { page } = watched;
    await watched.goto('/connect');
    await watched.text(connect.waiting.title).waitFor();
    await watched.text(connect.faults.empty).waitFor();
    await watched.text(server.base).waitFor();
    // The page must have heard one second without events first.
    await page.waitForTimeout(2_500);
    assert.equal(await page.getByText(connect.waiting.arrived, { exact: true }).count(), 0);

    const session = await CollectedSession.open(server, { 'media.name': 'The first one' });
    await watched.text(connect.waiting.arrived).waitFor();
    await page.getByText('The first one').first().waitFor();
    const link = page.getByRole('link', { name: connect.waiting.look });
    assert.equal(await link.getAttribute('href'), `/sessions/${session.id}`);

    const refusal = await sendRefused(server, {
      playerTime: { playhead: 'zero', ts: Date.now() },
      eventType: 'sessionStart',
      params: { 'media.id': '<b>bold</b>', 'media.length': 'long' },
    });
    assert.ok(refusal.errors.length >= 3);
    for (const { path, message } of refusal.errors) {
      await page.locator('ol code').filter({ hasText: path }).first().waitFor();
      await page.locator('ol li').filter({ hasText: message }).first().waitFor();
    }
    await page.getByRole('region', { name: connect.faults.body }).getByText('<b>bold</b>').first().waitFor();
    assert.equal(await page.locator('main b').count(), 0);
    watched.assertNoComplaints('connect');
  });

  test('the page can send a session itself, and the commands to copy name this server', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    const { page } = watched;
    await watched.goto('/connect');
    assert.ok((await page.getByRole('region', { name: connect.ways.curl }).innerText()).includes(server.base));
    await page.getByRole('button', { name: connect.ways.try }).click();
    const link = page.getByRole('link', { name: connect.ways.lookAtTest });
    await link.waitFor();
    // Nobody watched it: it was counted in all reports, until the page left it out itself.
    await watched.text(connect.test.excluded).waitFor();
    const id = (await link.getAttribute('href')).split('/').at(-1);
    const listed = async () => (await server.report('/sessions?limit=5')).sessions.map((session) => session.session_id);
    const { exclusions } = await server.report('/exclusions');
    assert.deepEqual(exclusions.map((exclusion) => [exclusion.session_id, exclusion.reason]), [[id, 'test']]);
    assert.deepEqual(await listed(), []);
    assert.equal((await server.report('/query', { metrics: ['sessions'], from: '2020-01-01', to: '2100-01-01' })).totals.sessions, 0);
    await page.getByRole('button', { name: connect.test.count }).click();
    await watched.text(connect.test.counted).waitFor();
    assert.deepEqual(await listed(), [id]);
    await page.getByRole('button', { name: connect.test.exclude }).click();
    await watched.text(connect.test.excluded).waitFor();
    assert.deepEqual(await listed(), []);
    watched.assertNoComplaints('test session');
  });

  test('who may only read is told that the test session counts, and how to take it out', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    const watched = await openPage(t, { server, cookie: await server.logIn('read') });
    const { page } = watched;
    await watched.goto('/connect');
    await page.getByRole('button', { name: connect.ways.try }).click();
    await watched.text(connect.test.countedForReader).waitFor();
    assert.equal(await page.getByRole('button', { name: connect.test.exclude }).count(), 0);
    assert.equal((await server.report('/sessions?limit=5')).sessions.length, 1);
    assert.deepEqual((await server.report('/exclusions')).exclusions, []);
    watched.assertNoComplaints('test session of a reader');
  });

  test('a test session that cannot be left out is said to count', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    const { page } = watched;
    await page.route('**/exclusion', (route) => route.fulfill({ status: 503, json: { message: 'busy' } }));
    await watched.goto('/connect');
    await page.getByRole('button', { name: connect.ways.try }).click();
    const failed = connect.test.failed.replace('{{message}}', 'busy');
    await watched.text(`${connect.test.counted} ${failed}`).waitFor();
    await page.unroute('**/exclusion');
    await page.getByRole('button', { name: connect.test.exclude }).click();
    await watched.text(connect.test.excluded).waitFor();
    assert.deepEqual((await server.report('/sessions?limit=5')).sessions, []);
    watched.assertNoComplaints('a refused exclusion', [/503/]);
  });

  test('the commands to copy leave their session out if they have the admin token', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    await watched.goto('/connect');
    const commands = await watched.page.getByRole('region', { name: connect.ways.curl }).innerText();
    const run = (token) => spawnSync('bash', ['-c', commands], { encoding: 'utf8', env: { ...environment(), ...token } });
    const counted = async () => (await server.report('/sessions?limit=5')).sessions.length;
    assert.equal(run({ PLAYHEAD_TOKEN: TOKENS.admin }).status, 0);
    assert.equal(await counted(), 0);
    assert.equal((await server.report('/exclusions')).exclusions[0]?.reason, 'test');
    assert.equal(run({}).status, 0);
    assert.equal(await counted(), 1);
  });
});
