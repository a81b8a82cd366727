import { createElement as h } from 'react';
import { describe, expect, it } from 'vitest';
import { HostileText } from '../text/HostileText';
import { safeFileName } from '../saveFile';
import { csvForSpreadsheets, csvText, nodeText } from './csv';

describe('CSV', () => {
  it('begins with a byte order mark: Excel showed titles in Chinese as other letters', () => {
    expect(csvText([['名稱'], ['時計']])).toBe('\ufeff名稱\r\n時計\r\n');
  });

  it('makes no formula of a title', () => {
    const lines = csvText([['=1+1', '+1', '-1+2', '@SUM(A1)', '\t=1', '\r=1', '＝1', 'a=b']]).slice(1);
    expect(lines).toBe("'=1+1,'+1,'-1+2,'@SUM(A1),'\t=1,\"'\r=1\",'＝1,a=b\r\n");
  });

  it('leaves numbers as they are', () => {
    expect(csvText([[-5, 0.25, 1e21, '-5', '-5.5', Number.NaN, null, true]]).slice(1)).toBe('-5,0.25,1e+21,-5,-5.5,,,true\r\n');
  });

  it('keeps separators, quotes and lines within their cell', () => {
    expect(csvText([['a,b', 'say "no"', 'a\nb', ' a', 'x;y']]).slice(1)).toBe('"a,b","say ""no""","a\nb"," a","x;y"\r\n');
  });

  it('makes a file for programs harmless as well, and changes nothing else in it', () => {
    const file = 'name,"a ""b""",n\n=1+1,"=HYPERLINK(""x"",""y"")",-5.5e-3\n,"x\ny",\n';
    expect(csvForSpreadsheets(file).slice(1)).toBe(
      'name,"a ""b""",n\n\'=1+1,"\'=HYPERLINK(""x"",""y"")",-5.5e-3\n,"x\ny",\n',
    );
    expect(csvForSpreadsheets('a,b\r\n1,2')).toBe('\ufeffa,b\r\n1,2');
  });

  it('takes texts whole that the page clips', () => {
    const long = 'x'.repeat(500);
    expect(nodeText(h('span', { title: 'no' }, h(HostileText, { text: long, max: 20 })))).toBe(long);
    expect(nodeText([h('b', { key: 'a' }, 'Name'), null, 'id', 3])).toBe('Name id 3');
    expect(nodeText(h(HostileText, { text: null }))).toBe('');
  });

  it('has names as they came, however the page marks them', () => {
    const name = 'report\u202efdp\u200b';
    expect(nodeText(h(HostileText, { text: name }))).toBe(name);
    expect(nodeText(h(HostileText, { text: ' ', quotesBlank: true }))).toBe(' ');
    expect(csvText([[name]])).toBe(`\ufeff${name}\r\n`);
  });
});

describe('names of files', () => {
  it('hold nothing that a file system forbids, and fit', () => {
    expect(safeFileName('Errors 2026-11-01..02 channel=a/b\u202e:c.csv')).toBe('Errors 2026-11-01..02 channel=a-b-c.csv');
    expect(safeFileName('../../etc/passwd.csv')).toBe('-..-etc-passwd.csv');
    expect(new TextEncoder().encode(safeFileName(`${'表'.repeat(300)}.csv`)).length).toBeLessThanOrEqual(204);
    expect(safeFileName('.csv')).toBe('playhead.csv');
  });
});
