import type { visitor as english } from '../../en/sessions/visitor';
import type { Translation } from '../../translation';

export const visitor: Translation<typeof english> = {
  title: '访客',
  hint: '该访客在此时间范围内观看的全部会话及出现的问题。选择一个会话可逐个事件查看。',
  back: '全部会话',
  copyId: '复制访客 ID',
  open: '查看此访客的全部情况',
  numbers: '访客数据概览',
  firstSeen: '首次出现',
  lastSeen: '最近出现',
  players: '播放器',
  sessions: '此访客的会话，最新的在前',
  severalKinds: '此文本同时是 {{count}} 种访客 ID，可能属于不同的人。以下显示并计入了所有这些会话。',
  nobodyTitle: '没有会话使用此访客 ID',
  nobodyHint:
    'ID 须完全一致，包括大小写。可以搜索 ID 的一部分，或查找该访客看过的内容：播放器发送的可能是另一个 ID，或没有发送。已从报表中排除的会话，以及超出服务器保留期的会话，无法找到。',
  searchPart: '在全部会话中搜索此文本',
  otherDaysTitle: '此访客在此时间范围内没有会话',
  otherDaysHint: '该访客首次出现于 {{first}}，最近出现于 {{last}}。',
  showOtherDays: '显示这段时间',
};
