import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { CollectedSession, sendRefused } from './collected_sessions.mjs';
import { DashboardServer } from './dashboard_server.mjs';
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
    const { sessions } = await server.report('/sessions?limit=5');
    assert.deepEqual(sessions.map(({ session_id: id }) => `/sessions/${id}`), [await link.getAttribute('href')]);
    watched.assertNoComplaints('test session');
  });
});
