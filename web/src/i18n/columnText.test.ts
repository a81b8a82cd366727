import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { columnText } from './columnText';
import { columns as zhCN } from './zh-CN/columns';
import { columns as zhTW } from './zh-TW/columns';

const source = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** Columns of the five tables, from the reference that is made of their definitions. */
const OF_TABLES = [...source('docs/tables.md').matchAll(/^\| `(\w+)` \| ((?:[^|\\]|\\.)+) \| ((?:[^|\\]|\\.)+) \|$/gm)].map(
  ([, name = '', type = '', comment = '']) => ({ name, type, comment: comment.replaceAll('\\|', '|') }),
);

/** Columns of the excluded sessions, which only queries know. */
const OF_EXCLUSIONS = [
  ...source('crates/report/src/engine/exclusions.rs').matchAll(/^\s+\("(\w+)", Kind::(\w+), "(.+)"\),$/gm),
].map(([, name = '', , comment = '']) => ({ name, type: 'text', comment }));

describe('what columns hold', () => {
  for (const [language, texts] of Object.entries({ 'zh-CN': zhCN, 'zh-TW': zhTW })) {
    it(`is said of all columns of all tables in ${language}, and of their types`, () => {
      expect(OF_TABLES.length).toBeGreaterThan(250);
      expect(OF_EXCLUSIONS.length).toBe(5);
      const english = [...OF_TABLES, ...OF_EXCLUSIONS].flatMap(({ type, comment }) => [type, comment]);
      const missing = new Set(english.filter((text) => columnText(text, texts) === null));
      expect([...missing]).toEqual([]);
    });

    it(`is not said of columns that are gone, in ${language}`, () => {
      const known = [...OF_TABLES, ...OF_EXCLUSIONS].flatMap(({ type, comment }) => [type, comment]);
      const plain = new Set(known.flatMap((text) => [text, text.replace(/ \([^()]+\)$/, '')]));
      expect(Object.keys(texts).filter((text) => !plain.has(text))).toEqual([]);
    });
  }

  it('keeps the parameter that fills it, and leaves the words of a stranger alone', () => {
    expect(columnText('title (media.name)', zhCN)).toBe('标题（media.name）');
    expect(columnText('organisation-wide visitor id (ECID) (visitor.marketingCloudUserId)', zhTW)).toBe(
      '組織範圍內的訪客 ID（ECID）（visitor.marketingCloudUserId）',
    );
    expect(columnText('toString', zhCN)).toBeNull();
    expect(columnText('something new', zhCN)).toBeNull();
  });
});
