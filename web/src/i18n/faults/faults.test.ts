import { describe, expect, it } from 'vitest';
import { faults as zhCN } from '../zh-CN/faults';
import { faults as zhTW } from '../zh-TW/faults';
import { sayFault } from './sayFault';
import { serverTexts, shapeOf } from './serverTexts';

const languages = { 'zh-CN': zhCN, 'zh-TW': zhTW };
const variables = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '');

describe('faults', () => {
  const said = serverTexts();

  for (const [language, texts] of Object.entries(languages)) {
    const shapes = new Set(Object.keys(texts).flatMap((english) => [shapeOf(english), `{}${shapeOf(english)}`]));

    it(`are all said in ${language}`, () => {
      expect(said.length).toBeGreaterThan(250);
      const missing = said.filter(({ text }) => !shapes.has(text));
      expect(missing.map(({ text, file, line }) => `${file}:${line} ${text}`)).toEqual([]);
    });

    it(`keep their values in ${language}`, () => {
      for (const [english, text] of Object.entries(texts)) {
        // Articles have no counterpart in Chinese.
        const wanted = variables(english).filter((name) => name !== 'article');
        expect(variables(text).sort(), english).toEqual(wanted.sort());
      }
    });
  }

  it('are not said any more when the server has given them up', () => {
    const shapes = new Set(said.map(({ text }) => text));
    const ofPage = ['the server cannot be reached'];
    // Single words stand in for values, and are found in too many places to look for them.
    const stale = Object.keys(zhCN).filter((english) => english.includes(' ') && !ofPage.includes(english));
    expect(stale.filter((english) => !shapes.has(shapeOf(english)) && !shapes.has(`{}${shapeOf(english)}`))).toEqual([]);
  });

  it('are the same ones in all languages', () => {
    expect(Object.keys(zhTW)).toEqual(Object.keys(zhCN));
  });

  it('keep names, numbers and suggestions', () => {
    const say = (message: string) => [sayFault(message, zhCN), sayFault(message, zhTW)];
    expect(say('is required')).toEqual(['必须提供', '必須提供']);
    expect(say('names no time zone: "Asia/Tokio" (did you mean Asia/Tokyo?)')).toEqual([
      '没有这个时区："Asia/Tokio"（您是想写 Asia/Tokyo 吗？）',
      '沒有這個時區："Asia/Tokio"（您是想寫 Asia/Tokyo 嗎？）',
    ]);
    expect(say('must be a string, is an object')).toEqual(['必须是字符串，收到的是对象', '必須是字串，收到的是物件']);
    expect(say('must be one of none, hour, not "hours" (did you mean hour?)')[0]).toBe(
      '必须是以下之一：none, hour，而不是 "hours"（您是想写 hour 吗？）',
    );
    expect(say('is not an operator: "like" (did you mean contains?); the operators are =, !=')[1]).toBe(
      '不是運算子："like"；可用的運算子有 =, !=（您是想寫 contains 嗎？）',
    );
    expect(say('makes more than 20000 buckets of this range; use hour, or a shorter range')).toEqual([
      '在此范围内会产生超过 20000 个时段；请使用 hour 或缩短范围',
      '在此範圍內會產生超過 20000 個時段；請使用 hour 或縮短範圍',
    ]);
  });

  it('say texts within texts, and what follows others', () => {
    const say = (message: string) => sayFault(message, zhCN);
    expect(say('the server is busy: too many open sessions')).toBe('服务器繁忙：进行中的会话过多');
    expect(say('is more than 300 minutes before to; use a shorter range, or a lower limit, or granularity=minute')).toBe(
      '早于 to 超过 300 分钟；请缩短范围，或减小 limit，或使用 granularity=minute',
    );
    expect(say('must be a number for bitrate =; use exists to test for a value')).toBe(
      '必须是数字，用于 bitrate =；要判断有无值，请使用 exists',
    );
    const ended = 'the process that answers queries ended (it needed 9 bytes of memory and may have 8); try again';
    expect(say(ended)).toBe('负责查询的进程已终止（需要 9 字节内存，上限为 8 字节）；请重试');
    const starting = 'the process that answers queries is being started (the one before ended: it closed its link); try again';
    expect(say(starting)).toBe('负责查询的进程正在启动（上一个已终止：进程已关闭连接）；请重试');
  });

  it('leave the words of the engine and of strangers alone', () => {
    for (const texts of Object.values(languages)) {
      expect(sayFault('table \'datafusion.public.nothing\' not found', texts)).toBeNull();
      expect(sayFault('Expected: an expression, found: EOF', texts)).toBeNull();
      expect(sayFault('is beyond anything that anybody foresaw', texts)).toBeNull();
      expect(sayFault('must be '.repeat(100_000), texts)).toBeNull();
    }
    expect(sayFault('has an unknown key: "$& {{name}} $1"', zhCN)).toBe('含有未知的键："$& {{name}} $1"');
  });

  it('are said before what the engine puts around them', () => {
    const engine = [
      "Execution error: Function 'age' user-defined coercion failed with: Error during planning: age takes two moments. ",
      "No function matches the given name and argument types 'age(Int64)'.",
    ].join('');
    expect(sayFault(engine, zhCN)).toBe(`age 接受两个时间点\n${engine}`);
    expect(sayFault(engine.replace('two moments', 'a walk'), zhCN)).toBeNull();
  });

  it('take no long time over a text that nearly fits', () => {
    const hostile = ` would ${'a '.repeat(900)}`;
    expect(sayFault(hostile, zhCN)).toBeNull();
  });
});
