import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { TOKENS } from './dashboard_server.mjs';
import { texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { login, shell } = texts.en;

describe('login', { timeout: TEST_MS }, () => {
  test('a wrong token is said to be wrong, the right one leads to where one wanted to go, and log out ends it', async (t) => {
    const watched = await openPage(t, { role: null });
    const { page, context } = watched;
    await page.goto('/connect?tz=UTC');
    await page.waitForURL('**/login?**');
    await page.getByLabel(login.token, { exact: true }).fill('not-the-token-of-this-server');
    await page.getByRole('button', { name: login.submit, exact: true }).click();
    await page.getByText(login.wrong).waitFor();
    // Asking and being refused is what these pages do; a browser complains of each.
    watched.assertNoComplaints('login', [/^(answer|console).*401/]);

    await page.getByLabel(login.token, { exact: true }).fill(` ${TOKENS.admin}\n`);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/connect?tz=UTC');
    await page.getByRole('heading', { level: 1, name: texts.en.connect.title }).waitFor();
    await watched.text(shell.role.admin).waitFor();
    const [cookie] = await context.cookies();
    assert.equal(cookie.httpOnly, true);
    assert.equal(cookie.sameSite, 'Strict');
    assert.ok(cookie.expires > Date.now() / 1_000 + 11 * 3_600, 'the login lasts half a day');
    assert.ok(!cookie.value.includes(TOKENS.admin), 'the cookie is not the token');
    assert.equal(await page.evaluate(() => document.cookie), '');

    await page.getByRole('button', { name: shell.settings.logOut }).filter({ visible: true }).click();
    await page.waitForURL('**/login');
    assert.deepEqual(await context.cookies(), []);
    await page.goto('/');
    await page.waitForURL('**/login');
    watched.assertNoComplaints('log out', [/^(answer|console).*401/]);
  });

  test('a token that may only read reads, and is told so', async (t) => {
    const watched = await openPage(t, { role: null });
    const { page } = watched;
    await page.goto('/login');
    await page.getByLabel(login.token, { exact: true }).fill(TOKENS.read);
    await page.keyboard.press('Enter');
    await watched.text(shell.role.read).waitFor();
    assert.equal(await page.getByText(shell.role.admin, { exact: true }).count(), 0);
    for (const address of ['/overview?range=2026-01-01..2026-01-20', '/sql']) {
      await watched.goto(address);
      assert.equal(await page.getByRole('alert').count(), 0, `${address} shows an error`);
    }
    watched.assertNoComplaints('read only', [/^(answer|console).*401/]);
  });

  test('a request that another site could make is refused, and so is a page in a frame', async () => {
    const { base } = rig.server;
    const cookie = rig.cookies.admin.split(';')[0];
    const question = JSON.stringify({ query: 'select 1' });
    const ask = (headers) => fetch(`${base}/reports/v1/sql`, { method: 'POST', body: question, headers });
    const json = { 'Content-Type': 'application/json', Cookie: cookie };
    assert.equal((await ask({ ...json, 'X-Playhead-Request': 'dashboard' })).status, 200);
    assert.equal((await ask(json)).status, 403);
    assert.equal((await ask({ 'Content-Type': 'application/json' })).status, 401);

    const page = await fetch(`${base}/overview`);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    const policy = page.headers.get('content-security-policy');
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]) {
      assert.ok(policy.split('; ').includes(part), `${part} is not in ${policy}`);
    }
    assert.ok(!policy.includes('unsafe'));
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
  });
});
