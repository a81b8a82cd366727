import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import en from './en';
import { detectLanguage, languageFor, localeFor } from './languages';
import zhCN from './zh-CN';
import zhTW from './zh-TW';

const document = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

/** All texts by the path of their keys. */
function flat(texts: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    const here = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') found.set(here, value);
    else for (const [inner, text] of flat(value as object, here)) found.set(inner, text);
  }
  return found;
}

const english = flat(en);
const others = { 'zh-CN': flat(zhCN), 'zh-TW': flat(zhTW) };
const variables = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).sort();

// The English of faults and columns is the server's (`faults/faults.test.ts`, `columnText.test.ts`).
const isOfPage = (key: string) => !/^(faults|columns)\./.test(key);

describe('texts', () => {
  for (const [language, texts] of Object.entries(others)) {
    it(`are complete in ${language}`, () => {
      // The singular is English alone; Chinese has no forms of number.
      const wanted = [...english.keys()].filter((key) => !key.endsWith('_one'));
      expect([...texts.keys()].filter(isOfPage).sort()).toEqual(wanted.sort());
    });

    it(`have the same variables in ${language}`, () => {
      for (const [key, text] of texts) {
        if (!isOfPage(key)) continue;
        expect(variables(text), key).toEqual(variables(english.get(key) ?? ''));
      }
    });
  }

  it('are never empty, and have a plural where they have a singular', () => {
    for (const texts of [english, ...Object.values(others)]) {
      for (const [key, text] of texts) expect(text.trim(), key).not.toBe('');
    }
    for (const key of english.keys()) {
      if (key.endsWith('_one')) expect(english.has(key.replace(/_one$/, '_other')), key).toBe(true);
    }
  });

  it('have one word for one thing, on pages and in the READMEs', () => {
    // The word that is meant, and those that stood beside it.
    const words: Record<string, [string, RegExp][]> = {
      'zh-TW': [['報表套裝', /[報告]+套件/], ['停頓', /卡頓/], ['起播', /啟播|首次播放時間/], ['收集', /蒐集|採集/], ['串接', /接入|對接/]],
      'zh-CN': [['报表包', /报[告表]套[件装]/], ['卡顿', /停顿/], ['起播', /启播/], ['采集', /收集|搜集/], ['接入', /对接|串接/]],
    };
    for (const [language, pairs] of Object.entries(words)) {
      const readme = readFileSync(new URL(`../../../README.${language}.md`, import.meta.url), 'utf8');
      const all = [...(others[language as keyof typeof others] ?? []), ['README', readme] as const];
      for (const [, wrong] of pairs) {
        expect(all.filter(([, text]) => wrong.test(text)).map(([key]) => key), `${language} ${wrong}`).toEqual([]);
      }
    }
  });

  it('are traditional characters in zh-TW', () => {
    const simplified = /[会话视频时长间应对开关这进过个与请择数据载错误网页码头发读写实现问题]/u;
    // Characters that both scripts share.
    const texts = [...others['zh-TW']].filter(([, text]) => simplified.test(text.replace(/[面據]/gu, '')));
    expect(texts).toEqual([]);
  });
});

describe('labels', () => {
  const rows = (text: string, heading: string) => {
    const [, section = ''] = text.split(`## ${heading}\n`);
    return [...(section.split(/\n## /)[0] ?? '').matchAll(/^\| `([\w{}]+)`/gm)].map(([, name]) => name ?? '');
  };
  const metrics = document('metrics.md');

  it('are there for every metric', () => {
    const names = ['Metrics', 'Calculated metrics', 'Quantiles'].flatMap((heading) => rows(metrics, heading));
    const labelled = Object.keys(en.catalogue.metrics);
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => !name.startsWith('{state}') && !labelled.includes(name))).toEqual([]);
  });

  it('are there for every dimension and what one can filter by', () => {
    const { dimensions, columns, metrics: metricLabels } = en.catalogue;
    const labelled = new Set([dimensions, columns, metricLabels].flatMap((labels) => Object.keys(labels)));
    const names = rows(metrics, 'Dimensions');
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !labelled.has(name))).toEqual([]);
  });

  it('are there for every segment', () => {
    expect(rows(metrics, 'Segments').filter((name) => !(name in en.catalogue.segments))).toEqual([]);
  });

  it('are there for every column of a session', () => {
    const { dimensions, columns, metrics: metricLabels } = en.catalogue;
    const labelled = new Set([dimensions, columns, metricLabels].flatMap((labels) => Object.keys(labels)));
    const names = rows(document('rows.md'), 'Sessions');
    expect(names.length).toBeGreaterThan(80);
    expect(names.filter((name) => !labelled.has(name))).toEqual([]);
  });

  it('are there for every diagnosis', () => {
    const names = rows(document('rows.md'), 'Diagnoses');
    expect(names.length).toBeGreaterThan(10);
    expect(names.sort()).toEqual(Object.keys(en.diagnoses).sort());
  });
});

describe('languages', () => {
  it('are chosen from what the browser asks for', () => {
    expect(detectLanguage(['de-DE', 'zh-TW', 'en'])).toBe('zh-TW');
    expect(detectLanguage(['fr'])).toBe('en');
    expect(languageFor('zh')).toBe('zh-CN');
    expect(languageFor('zh-HK')).toBe('zh-TW');
    expect(languageFor('zh-Hant-CN')).toBe('zh-TW');
    expect(languageFor('zh-Hans-HK')).toBe('zh-CN');
    expect(languageFor('en-GB')).toBe('en');
  });

  it('write numbers as the reader does', () => {
    expect(localeFor('en', ['zh-TW', 'en-GB'])).toBe('en-GB');
    expect(localeFor('zh-TW', ['zh-HK', 'en'])).toBe('zh-HK');
    expect(localeFor('en', ['de-DE'])).toBe('en');
  });
});
