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
      'zh-TW': [
        ['報表套裝', /[報告]+套件/],
        ['停頓', /卡頓/],
        ['起播', /啟播|首次播放時間|準備播放/],
        ['收集', /蒐集|採集/],
        ['串接', /接入|對接|連接播放器/],
        ['位元率', /位元速率|碼率/],
        ['同時在線', /同時觀看|並發/],
        ['最高點', /尖峰|峰值/],
        ['未播完', /播畢|播放完畢/],
        ['記錄檔', /伺服器紀錄|日誌檔/],
        ['區段', /區隔/],
        ['掉格', /丟幀|遺失.*影格/],
      ],
      'zh-CN': [
        ['报表包', /报[告表]套[件装]/],
        ['卡顿', /停顿|卡住/],
        ['起播', /启播/],
        ['起播耗时', /起播时间/],
        ['采集', /收集|搜集/],
        ['接入', /对接|串接/],
        ['点击', /点选|点按/],
        ['并发', /同时在线/],
        ['码率', /比特率|位元率/],
      ],
    };
    for (const [language, pairs] of Object.entries(words)) {
      const readme = readFileSync(new URL(`../../../README.${language}.md`, import.meta.url), 'utf8');
      const all = [...(others[language as keyof typeof others] ?? []), ['README', readme] as const];
      for (const [, wrong] of pairs) {
        expect(all.filter(([, text]) => wrong.test(text)).map(([key]) => key), `${language} ${wrong}`).toEqual([]);
      }
    }
  });

  it('have no words of the other side of the strait, on pages and in the READMEs', () => {
    const strange = {
      'zh-TW':
        /視頻|音頻|數據(?!概覽)|服務器|屏幕|默認|軟件|網絡|信息|質量|登錄|鏈接|刷新|添加|搜索|文件夾|運行|加載|緩存|分辨率|帶寬|字節|字符|數組|變量|函數|循環|線程|進程|端口|內存|硬盤|磁盤|菜單|界面|粘貼|反饋|點擊|視圖|支持|實時|渠道|響應|兼容|調用|批量|導出|導入|當前/,
      'zh-CN':
        /影片|资料|伺服器|萤幕|预设|软体|网路|资讯|品质|程式|设定|登入|使用者|连结|储存|搜寻|载入|快取|解析度|频宽|音讯|位元|字元|阵列|物件|变数|函式|介面|记忆体|硬碟|列印|贴上|专案|回馈|检视|支援|即时|管道|存取|汇出|汇入|透过|权杖|工作阶段/,
    };
    for (const [language, words] of Object.entries(strange)) {
      const readme = readFileSync(new URL(`../../../README.${language}.md`, import.meta.url), 'utf8');
      const all = [...(others[language as keyof typeof others] ?? []), ['README', readme] as const];
      const found = all.flatMap(([key, text]) => [...text.matchAll(new RegExp(words, 'g'))].map(([word]) => `${key}: ${word}`));
      expect(found, language).toEqual([]);
    }
  });

  it('are set as Chinese is: its own signs among its letters, a space between them and Latin ones', () => {
    const rules = {
      'a sign of half width behind a letter': /\p{Script=Han}[,;:!?]/u,
      'a parenthesis of half width': /\p{Script=Han}\(|\)\p{Script=Han}/u,
      'no space beside Latin letters and digits': /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9%]\p{Script=Han}/u,
      'a space beside a wide sign': /[，。；：！？（）「」“”] | [，。；：！？（）「」“”]/u,
      'straight quotes': /\p{Script=Han}"|"\p{Script=Han}/u,
    };
    // What stands in braces or follows the name of a function is code.
    const plain = (text: string) => text.replace(/\{[^{}]*\}(?!\})/g, 'x').replace(/\b\w+\([^()]*\)/g, 'x');
    for (const [language, texts] of Object.entries(others)) {
      for (const [rule, wrong] of Object.entries(rules)) {
        const found = [...texts].filter(([, text]) => wrong.test(plain(text.replace(/\{\{\w+\}\}/g, '·'))));
        expect(found, `${rule} in ${language}`).toEqual([]);
      }
    }
  });

  it('have the signs of English print in English', () => {
    // Straight apostrophes and quotes, a hyphen for a dash, a space before a percent sign.
    const wrong = /\w'\w|(?<=\s)'\w|"|\s-\s|\.\.\.|\d %/;
    const code = new Set(['sql.editor.keys']);
    expect([...english].filter(([key, text]) => wrong.test(text) && !code.has(key))).toEqual([]);
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
