import type { time as english } from '../../en/concurrency/time';
import type { Translation } from '../../translation';

export const time: Translation<typeof english> = {
  title: '按时钟时间的播放时长',
  label: '各时段内容与广告的播放时长',
  hint: '内容与广告共播放 {{time}}。',
  shorter: '范围较短时可选择更短的时段。',
  bucket: '时段长度',
  minutes: '{{minutes}} 分钟',
  played: '播放时长',
  other: '其他值',
  tooLong: '范围过长，无法逐小时统计',
  tooLongHint: '请选择不超过 {{days}} 天的范围。',
  empty: '该范围内没有播放',
  emptyHint: '请选择更长的日期范围，或移除筛选条件。',
};
