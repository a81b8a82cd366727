import type { sides as english } from '../../en/sides';
import type { Translation } from '../../translation';

export const sides: Translation<typeof english> = {
  title: '並排比較',
  hint: '分別為 A、B 設定篩選條件，並排檢視兩者的數字。',
  names: { a: 'A', b: 'B' },
  swap: '互換 A 與 B',
  all: '全部工作階段',
  allHint: '此頁面的全部工作階段。可新增篩選條件縮小範圍。',
  totals: '合計',
  metric: '指標',
  difference: 'B − A',
  change: 'B 相對於 A',
  overTime: '{{metric}}的變化趨勢',
  byDimension: '{{metric}}，依{{dimension}}細分',
  bothHint: '列出兩邊合計最多的值。同時屬於 A 與 B 的工作階段，兩邊都會計入。',
  empty: {
    title: '兩邊都沒有工作階段',
    hint: '請選擇較長的期間，或移除某個篩選條件。',
  },
};
