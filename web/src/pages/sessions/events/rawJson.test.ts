import { describe, expect, it } from 'vitest';
import { prettyJson, rawItems, rawMember, rawMembers, writeMembers } from './rawJson';

describe('JSON by its text', () => {
  it('keeps numbers letter by letter', () => {
    const text = '{"a": 60.33333333333333333, "b":[1e1, 12345678901234567890 ] ,"c":{"d":-0}}';
    expect(rawMembers(text)).toEqual([
      { key: 'a', raw: '60.33333333333333333' },
      { key: 'b', raw: '[1e1, 12345678901234567890 ]' },
      { key: 'c', raw: '{"d":-0}' },
    ]);
    expect(rawItems('[1e1, 12345678901234567890 ]')).toEqual(['1e1', '12345678901234567890']);
    expect(writeMembers(rawMembers(text))).toBe('{"a":60.33333333333333333,"b":[1e1, 12345678901234567890 ],"c":{"d":-0}}');
  });

  it('is not led astray by what stands in strings', () => {
    const text = String.raw`{"}\"{": "],}\\", "x": ["a,b", "\\\"]"], "y": null}`;
    expect(rawMembers(text).map(({ key }) => key)).toEqual(['}"{', 'x', 'y']);
    expect(rawMember(text, 'x')).toBe(String.raw`["a,b", "\\\"]"]`);
    expect(rawItems(rawMember(text, 'x') ?? '')).toEqual(['"a,b"', String.raw`"\\\"]"`]);
    expect(JSON.parse(writeMembers(rawMembers(text)))).toEqual(JSON.parse(text));
  });

  it('may be empty', () => {
    expect(rawMembers('{}')).toEqual([]);
    expect(rawMembers(' { } ')).toEqual([]);
    expect(rawItems('[]')).toEqual([]);
    expect(rawItems('[ ]')).toEqual([]);
    expect(rawMember('{"a":{}}', 'b')).toBeNull();
  });

  it('is written with a line for each value', () => {
    const text = '{"a":[1.50,{"b":"x: [,]"}],"c":{},"d":[ ]}';
    expect(prettyJson(text)).toBe('{\n  "a": [\n    1.50,\n    {\n      "b": "x: [,]"\n    }\n  ],\n  "c": {},\n  "d": []\n}');
    expect(JSON.parse(prettyJson(text))).toEqual(JSON.parse(text));
  });
});
