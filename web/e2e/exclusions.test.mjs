import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';

import { CollectedSession } from './collected_sessions.mjs';
import { binary, DashboardServer, environment, TOKENS } from './dashboard_server.mjs';
import { texts } from './page_source.mjs';
import { arrange, openPage, TEST_MS } from './rig.mjs';

arrange();
const { sessions, filters } = texts.en;
const WHY = 'a robot of the tests';

/** How many sessions each door counts, and those that the command lists. */
async function counted(server) {
  const { totals } = await server.report('/query', { metrics: ['sessions'], from: '2020-01-01', to: '2100-01-01' });
  const { rows } = await server.report('/sql', { query: 'select count(*) from sessions' });
  const { sessions: listed } = await server.report('/sessions?limit=50');
  const command = (...args) => {
    const run = spawnSync(binary('playhead'), [...args, '--server', server.base], {
      env: { ...environment(), PLAYHEAD_TOKEN: TOKENS.admin }, encoding: 'utf8',
    });
    assert.equal(run.status, 0, run.stderr);
    return run.stdout;
  };
  return {
    query: totals.sessions,
    sql: rows[0][0],
    list: listed.length,
    commandSql: JSON.parse(command('sql', 'select count(*) from sessions', '--format', 'json')).rows[0][0],
    excluded: JSON.parse(command('exclude', '--format', 'json')).exclusions.map(({ session_id, reason }) => [session_id, reason]),
  };
}

describe('a session that is excluded', { timeout: TEST_MS }, () => {
  test('is left out on the page, over HTTP, in SQL and in the command alike, until that is undone', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.push((await CollectedSession.open(server)).id);
    const all = { query: 3, sql: 3, list: 3, commandSql: 3, excluded: [] };
    assert.deepEqual(await counted(server), all);

    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    const { page } = watched;
    const links = () => page.locator('main a[href^="/sessions/"]').evaluateAll((all) => [...new Set(all.map((a) => a.pathname.split('/')[2]))]);
    await watched.goto('/sessions');
    assert.deepEqual((await links()).sort(), [...ids].sort());

    await watched.goto(`/sessions/${ids[1]}`);
    await page.getByRole('button', { name: sessions.exclusion.exclude }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: sessions.exclusion.confirm, exact: true });
    assert.ok(await confirm.isDisabled(), 'a reason is needed');
    await dialog.getByLabel(sessions.exclusion.reason).fill(WHY);
    await confirm.click();
    await page.getByRole('status').filter({ hasText: WHY }).waitFor();
    assert.deepEqual(await counted(server), { query: 2, sql: 2, list: 2, commandSql: 2, excluded: [[ids[1], WHY]] });
    await watched.goto('/sessions');
    assert.deepEqual((await links()).sort(), [ids[0], ids[2]].sort());
    await watched.goto('/overview');
    await page.getByTitle(filters.excludedHint).filter({ hasText: filters.excluded_one.replace('{{shown}}', '1') }).first().waitFor();

    await watched.goto(`/sessions/${ids[1]}`);
    await page.getByRole('button', { name: sessions.exclusion.undo }).click();
    await page.getByRole('button', { name: sessions.exclusion.exclude }).waitFor();
    assert.deepEqual(await counted(server), all);
    await watched.goto('/sessions');
    assert.deepEqual((await links()).sort(), [...ids].sort());
    await watched.goto('/overview');
    assert.equal(await page.getByTitle(filters.excludedHint).count(), 0);
    watched.assertNoComplaints('an excluded session');
  });
});
