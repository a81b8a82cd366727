import { describe, expect, it } from 'vitest';
import { clipText, textForChart } from './clipText';
import { markedText, textPieces } from './visibleText';

describe('clipText', () => {
  it('cuts whole characters', () => {
    expect(clipText('short', 10)).toBe('short');
    expect(clipText('abcdefghij', 5)).toBe('abcd…');
    expect(clipText('🎬🎬🎬🎬🎬🎬', 4)).toBe('🎬🎬🎬…');
    expect(clipText('🎬🎬🎬', 4)).toBe('🎬🎬🎬');
    expect(clipText('x'.repeat(65_536), 20)).toHaveLength(20);
  });

  it('marks what turns letters round: a title read as another file', () => {
    const title = 'report\u202efdp.exe\u2069';
    expect(textPieces(title)).toEqual([
      { text: 'report' },
      { unseen: 'RLO', code: 'U+202E' },
      { text: 'fdp.exe' },
      { unseen: 'PDI', code: 'U+2069' },
    ]);
    expect(markedText(title)).toBe('report⟨RLO⟩fdp.exe⟨PDI⟩');
  });

  it('marks what has no width, by which two titles look the same', () => {
    expect(markedText('play\u200bhead\u00ad\ufeff')).toBe('play⟨ZWSP⟩head⟨SHY⟩⟨BOM⟩');
    expect(markedText('a\u0007b\u0085c')).toBe('a⟨U+0007⟩b⟨U+0085⟩c');
    expect(markedText('abc\u200f\u200dd\u3164')).toBe('abc⟨RLM⟩⟨ZWJ⟩d⟨U+3164⟩');
    expect(markedText('a\u{e0041}')).toBe('a⟨U+E0041⟩');
  });

  it('leaves alone what belongs to the spelling', () => {
    const proper = ['שלום \u200fabc', 'می\u200cخواهم', 'क्\u200dष', '👩‍👩‍👧‍👦', '🏳️‍🌈', '👋🏽', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'e\u0301', 'tab\tand\nline', '中文 標題'];
    for (const text of proper) expect(textPieces(text)).toEqual([{ text }]);
    expect(textPieces('')).toEqual([]);
  });

  it('makes one harmless line for charts', () => {
    expect(textForChart('a\u202eb\n\u0000c\t\u2067d')).toBe('a⟨RLO⟩b ⟨U+0000⟩c ⟨RLI⟩d');
    expect(textForChart(null)).toBe('–');
    expect(textForChart('{a|rich}')).toBe('{a|rich}');
    expect(textForChart('w'.repeat(65_536), 30)).toHaveLength(30);
  });
});
