import type { time as english } from '../../en/concurrency/time';
import type { Translation } from '../../translation';

export const time: Translation<typeof english> = {
  title: '依時鐘時間的播放時間',
  label: '各時段內容與廣告的播放時間',
  hint: '內容與廣告共播放 {{time}}。',
  shorter: '範圍較短時可選擇較短的時段。',
  bucket: '時段長度',
  minutes: '{{minutes}} 分鐘',
  played: '播放時間',
  other: '其他值',
  tooLong: '範圍太長，無法逐小時統計',
  tooLongHint: '請選擇不超過 {{days}} 天的範圍。',
  empty: '此範圍內沒有播放',
  emptyHint: '請選擇較長的日期範圍，或移除篩選條件。',
};
