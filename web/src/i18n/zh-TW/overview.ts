import type { overview as english } from '../en/overview';
import type { Translation } from '../translation';

export const overview: Translation<typeof english> = {
  title: '總覽',
  headline: '主要指標',
  markHint: '在圖表上拖曳即可放大所選的區段。',
  empty: {
    title: '這段期間沒有工作階段',
    hint: '請選擇較長的期間，或移除某個篩選條件。',
  },
  metrics: {
    button: '指標',
    title: '選擇指標',
    add: '新增指標',
    search: '搜尋指標',
    remove: '移除{{metric}}',
    usual: '恢復預設指標',
  },
  breakdown: {
    title: '細分：{{dimension}}',
    hint: '點選某一列即可只看該項，並依下一個維度繼續細分。',
    by: '細分維度',
    then: '細分的第 {{place}} 個維度',
    further: '+ 維度',
    noFurther: '移除此維度',
    none: '無值',
    change: '變化',
    total: '合計',
  },
  lines: {
    by: '依此維度的每個值各畫一條線',
    none: '一條線',
    others: '其他全部',
    sentences: '{{first}}{{second}}',
    of: '{{name}}。',
    most: '各條線為數量最多的值，依據：{{metric}}。',
    dashed: '虛線：{{period}}。',
    together_other: '另有 {{shown}} 個值合併為「其他全部」。',
    notSummed_other: '另有 {{shown}} 個值未畫線：此指標無法相加。',
    ofLists_other: '另有 {{shown}} 個值未畫線：一個工作階段可有多個值，相加會重複計算。',
  },
};
