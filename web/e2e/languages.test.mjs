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

  test('the SQL page says in the reader\'s language what columns hold and what the server refuses', async (t) => {
    for (const language of ['zh-CN', 'zh-TW']) {
      const watched = await openPage(t, { locale: language });
      const { page } = watched;
      const { columns, faults } = texts[language];
      await watched.goto('/sql');
      await watched.text(`${columns.title}（media.name）`).waitFor();
      const left = await page.getByRole('group', { name: texts[language].sql.schema.label }).evaluate((schema) =>
        [...schema.innerText.split('\n')].filter((line) => /^[A-Za-z][a-z]* [a-z]/.test(line)));
      assert.deepEqual(left, [], 'columns in English');

      // The server's own refusal is said; the words of the query engine stay as they are.
      await watched.goto(`/sql?q=${encodeURIComponent("select to_char(now(), 'Q') from nothing_of_that_name")}`);
      await page.getByRole('alert').getByText('nothing_of_that_name').waitFor();
      await watched.goto(`/sql?q=${encodeURIComponent('select to_char(true, \'YYYY\')')}`);
      const refusal = faults['to_char writes moments, lengths of time and numbers, not {{type}}'];
      await page.getByRole('alert').getByText(refusal.split('{{type}}')[0].trim()).waitFor();
      watched.assertNoComplaints(language, [/400/]);
    }
  });
});
