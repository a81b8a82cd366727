import type { sides as english } from '../../en/sides';
import type { Translation } from '../../translation';

export const sides: Translation<typeof english> = {
  title: '并排对比',
  hint: '为 A、B 分别设置筛选条件，并排查看两者的数据。',
  names: { a: 'A', b: 'B' },
  swap: '互换 A 与 B',
  all: '全部会话',
  allHint: '当前页面的全部会话。可添加筛选条件缩小范围。',
  totals: '合计',
  metric: '指标',
  difference: 'B − A',
  change: 'B 相对 A',
  overTime: '{{metric}}随时间变化',
  byDimension: '{{metric}}，按{{dimension}}细分',
  bothHint: '列出两侧合计最多的值。同时属于 A 和 B 的会话在两侧都会计入。',
  empty: {
    title: '两侧都没有会话',
    hint: '请选择更长的时间范围，或移除某个筛选条件。',
  },
};
