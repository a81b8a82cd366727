import type { annotation as english } from '../../en/kept/annotation';
import type { Translation } from '../../translation';

export const annotation: Translation<typeof english> = {
  title: '註記',
  shown_other: '{{count}} 則註記',
  add: '新增註記',
  saved: '註記已儲存',
  text: '發生了什麼事',
  at: '時間（{{zone}}）',
  to: '結束時間（單一時間點請留空）',
  kind: '類型',
  suite: '報表套裝（留空表示全部）',
  kinds: {
    release: '發布',
    outage: '故障',
    other: '其他',
  },
};
