import type { overview as english } from '../en/overview';
import type { Translation } from '../translation';

export const overview: Translation<typeof english> = {
  title: '概览',
  headline: '核心指标',
  markHint: '在图上拖动可放大所选的一段。',
  empty: {
    title: '此时间范围内没有会话',
    hint: '请选择更长的时间范围，或移除某个筛选条件。',
  },
  metrics: {
    button: '指标',
    title: '选择指标',
    add: '添加指标',
    search: '搜索指标',
    remove: '移除{{metric}}',
    usual: '恢复默认指标',
  },
  breakdown: {
    title: '细分：{{dimension}}',
    hint: '点击某一行可只看它，并按下一个维度继续细分。',
    by: '细分维度',
    then: '细分的第 {{place}} 个维度',
    further: '+ 维度',
    noFurther: '移除此维度',
    none: '无值',
    change: '变化',
    total: '合计',
  },
  lines: {
    by: '按此维度的每个值各画一条线',
    none: '一条线',
    others: '其他全部',
    sentences: '{{first}}{{second}}',
    of: '{{name}}。',
    most: '各条线为数量最多的值，依据：{{metric}}。',
    dashed: '虚线：{{period}}。',
    together_other: '另有 {{shown}} 个值合并为“其他全部”。',
    notSummed_other: '另有 {{shown}} 个值未画线：该指标不可相加。',
    ofLists_other: '另有 {{shown}} 个值未画线：一个会话可有多个值，相加会重复计数。',
  },
};
