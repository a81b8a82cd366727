import type { visitor as english } from '../../en/sessions/visitor';
import type { Translation } from '../../translation';

export const visitor: Translation<typeof english> = {
  title: '訪客',
  hint: '此訪客在這段期間觀看的所有工作階段及發生的狀況。選取工作階段即可逐一檢視事件。',
  back: '所有工作階段',
  copyId: '複製訪客 ID',
  open: '檢視此訪客的所有資料',
  numbers: '訪客數據概覽',
  firstSeen: '首次出現',
  lastSeen: '最近出現',
  players: '播放器',
  sessions: '此訪客的工作階段，最新的在前',
  severalKinds: '這段文字同時是 {{count}} 種訪客 ID，可能屬於不同的人。以下顯示並計入其所有工作階段。',
  nobodyTitle: '沒有工作階段使用此訪客 ID',
  nobodyHint:
    'ID 必須完全相符，包括大小寫。可以搜尋 ID 的一部分，或尋找該訪客看過的內容：播放器傳送的可能是另一個 ID，或沒有傳送。已從報表中排除的工作階段，以及超過伺服器保留期間的工作階段，都無法找到。',
  searchPart: '在所有工作階段中搜尋這段文字',
  otherDaysTitle: '此訪客在這段期間沒有工作階段',
  otherDaysHint: '此訪客首次出現於 {{first}}，最近出現於 {{last}}。',
  showOtherDays: '顯示這段期間',
};
