// What a reader is told about numbers, and on a server that has none.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { GENERATED } from './addresses.mjs';
import { DashboardServer } from './dashboard_server.mjs';
import { texts } from './page_source.mjs';
import { arrange, openPage, TEST_MS } from './rig.mjs';

arrange();
const LOCALES = { en: 'en-US', 'zh-CN': 'zh-CN', 'zh-TW': 'zh-TW' };

describe('help', { timeout: 2 * TEST_MS }, () => {
  for (const [language, locale] of Object.entries(LOCALES)) {
    test(`a metric is explained to a keyboard, with a number worked out (${language})`, async (t) => {
      const { catalogue, help } = texts[language];
      const watched = await openPage(t, { locale });
      const { page } = watched;
      await watched.goto(`/overview?${GENERATED}&metrics=sessions,ad_completion_rate`);
      const name = catalogue.metrics.ad_completion_rate;
      const button = page.getByRole('button', { name: help.button.replace('{{name}}', name) });
      // Of the tile, and of the column below.
      assert.equal(await button.count(), 2);
      for (const place of [0, 1]) {
        await button.nth(place).focus();
        await page.keyboard.press('Enter');
        const dialog = page.getByRole('dialog', { name });
        await dialog.getByText(help.metrics.ad_completion_rate).waitFor();
        const said = await dialog.innerText();
        assert.ok(said.includes(`${catalogue.metrics.ad_completes} ÷ ${catalogue.metrics.ad_starts}`), said);
        assert.ok(said.includes('25%'), said);
        if (place === 0) assert.deepEqual(await watched.accessibilityFaults(), []);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
        assert.equal(await button.nth(place).evaluate((element) => element === document.activeElement), true);
      }
      watched.assertNoComplaints(language);
    });

    test(`a choice of states was cut at its edge (${language})`, async (t) => {
      const watched = await openPage(t, { locale });
      for (const address of [`/content/content-00000?${GENERATED}`, '/sessions', '/']) {
        await watched.goto(address);
        for (const width of [1440, 1280]) {
          await watched.show({ width });
          const cut = await watched.page.locator('[role="radiogroup"]').evaluateAll((groups) =>
            groups.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1).map((group) => group.getAttribute('aria-label')));
          assert.deepEqual(cut, [], `${address}, ${width} px`);
        }
      }
    });
  }

  test('a server without a session told its reader to choose a longer range', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    const { shell } = texts.en;
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    for (const path of ['/overview', '/content', '/concurrency', '/quality', '/ads', '/sessions']) {
      await watched.goto(path);
      const main = watched.page.locator('main');
      await main.getByText(shell.emptyServer.title, { exact: true }).first().waitFor();
      assert.doesNotMatch(await main.innerText(), /longer range|remove (a )?filter|Nothing to fix|No session waited/, path);
    }
    watched.assertNoComplaints('an empty server');
  });
});
