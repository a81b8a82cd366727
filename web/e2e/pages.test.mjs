import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { allPages } from './addresses.mjs';
import { texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();

/** What each page is shown in. Faults of accessibility are looked for in both themes and both sizes. */
const LOOKS = [
  { width: 1280, theme: 'light', isChecked: true },
  { width: 1280, theme: 'dark' },
  { width: 390, theme: 'light' },
  { width: 390, theme: 'dark', isChecked: true },
];

/** Texts that are the same in all languages, for they are names. */
const NAMES = /^(Playhead|SQL|CSV|PNG|JSON|Parquet|curl|JavaScript|SDK|UTC|English|简体中文|繁體中文|Europe\/Berlin)$/;
/** The texts of a page that are the dashboard's own, not a player's, and not the server's, which say that they are English. */
const OWN_TEXTS = 'h1, h2, h3, label, button, legend, summary, dt, [role="tab"], nav a, th button, th > span';

describe('every page with generated data', { timeout: 3 * TEST_MS }, () => {
  for (const [name, address] of Object.entries(allPages)) {
    test(`${name}: headings, no complaint of the browser, no overflow, accessible, in all languages`, async (t) => {
      const watched = await openPage(t);
      const { page } = watched;
      await watched.goto(address(rig.population));
      assert.equal(await page.getByRole('heading', { level: 1 }).filter({ visible: true }).count(), 1);
      assert.equal(await page.getByRole('alert').count(), 0, `${name} shows an error`);
      assert.match(await page.title(), /\S · Playhead$/);
      for (const { isChecked, ...look } of LOOKS) {
        const where = `${name}, ${look.theme}, ${look.width} px`;
        await watched.show(look);
        await watched.settle(1);
        await watched.assertNoOverflow(where);
        if (isChecked) assert.deepEqual(await watched.accessibilityFaults(), [], where);
      }
      watched.assertNoComplaints(name);

      await watched.show({ width: 1280, theme: 'light' });
      const english = await ownTexts(page);
      assert.ok(english.length > 10);
      for (const language of ['zh-CN', 'zh-TW']) {
        await page.locator('aside select').first().selectOption(language);
        await page.waitForFunction((wanted) => document.documentElement.lang === wanted, language);
        await watched.settle(1);
        const left = (await ownTexts(page)).filter((text) => english.includes(text) && !NAMES.test(text));
        assert.deepEqual(left, [], `${name} is English in ${language}`);
        await watched.assertNoOverflow(`${name}, ${language}`);
        // A text that is missing complains in the console.
        watched.assertNoComplaints(`${name}, ${language}`);
      }
    });
  }

  test('addresses that lead nowhere say so', async (t) => {
    const watched = await openPage(t);
    await watched.goto(`/sessions/${'0'.repeat(64)}`);
    await watched.text(texts.en.sessions.detail.notFound).waitFor();
    watched.assertNoComplaints('unknown session', [/^(answer|console).*404/]);
    await watched.goto('/no/such/page');
    await watched.text(texts.en.shell.notFoundPage.title).waitFor();
    watched.assertNoComplaints('unknown page', [/^(answer|console).*404/]);
  });
});

function ownTexts(page) {
  return page.locator(OWN_TEXTS).evaluateAll((elements) => elements
    .filter((element) => element.checkVisibility() && !element.closest('td, bdi') && !element.querySelector('bdi')
      && !element.closest('body [lang]') && !element.querySelector('[lang]'))
    .map((element) => element.innerText.trim())
    .filter((text) => /\p{L}{2}/u.test(text)));
}
