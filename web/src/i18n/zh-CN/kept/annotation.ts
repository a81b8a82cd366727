import type { annotation as english } from '../../en/kept/annotation';
import type { Translation } from '../../translation';

export const annotation: Translation<typeof english> = {
  title: '标注',
  shown_other: '{{count}} 条标注',
  add: '添加标注',
  saved: '标注已保存',
  text: '发生了什么',
  at: '时间（{{zone}}）',
  to: '结束时间（瞬时事件请留空）',
  kind: '类型',
  suite: '报表包（留空表示全部）',
  kinds: {
    release: '发布',
    outage: '故障',
    other: '其他',
  },
};
