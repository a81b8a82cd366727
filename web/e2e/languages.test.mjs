import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { texts } from './page_source.mjs';
import { arrange, openPage, TEST_MS } from './rig.mjs';

arrange();

describe('languages', { timeout: TEST_MS }, () => {
  test('the first of the reader\'s languages is taken, and a choice lasts', async (t) => {
    for (const [locale, language] of [['de-DE', 'en'], ['zh-HK', 'zh-TW']]) {
      const watched = await openPage(t, { locale, role: null });
      await watched.page.goto('/login');
      await watched.page.getByRole('heading', { name: texts[language].login.title }).waitFor();
      assert.equal(await watched.page.evaluate(() => document.documentElement.lang), language, locale);
      await watched.close();
    }
    const watched = await openPage(t, { locale: 'zh-CN' });
    const { page } = watched;
    await watched.goto('/connect');
    await page.getByRole('combobox', { name: texts['zh-CN'].shell.settings.language }).filter({ visible: true }).selectOption('zh-TW');
    await page.getByRole('heading', { level: 1, name: texts['zh-TW'].connect.title }).waitFor();
    await page.reload();
    await watched.settle();
    await page.getByRole('heading', { level: 1, name: texts['zh-TW'].connect.title }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-TW');
    watched.assertNoComplaints('choice');
  });
});
