import type { shell as english } from '../en/shell';
import type { Translation } from '../translation';

export const shell: Translation<typeof english> = {
  nav: {
    label: '頁面',
    live: '即時',
    overview: '總覽',
    sides: '並排比較',
    content: '內容',
    concurrency: '同時在線',
    quality: '品質',
    ads: '廣告',
    boards: '看板',
    sessions: '工作階段',
    sql: 'SQL',
    connect: '串接',
    more: '更多',
    skip: '跳到主要內容',
    groups: {
      watch: '監看',
      analyse: '分析',
      build: '串接與查詢',
    },
  },
  settings: {
    title: '設定',
    language: '語言',
    theme: '主題',
    system: '跟隨系統',
    light: '淺色',
    dark: '深色',
    timeZone: '時區',
    serverZone: '伺服器時區：{{zone}}',
    logOut: '登出',
  },
  role: {
    admin: '管理員',
    read: '唯讀',
    adminHint: '以管理員權杖登入',
    readHint: '以唯讀權杖登入',
  },
  version: '版本 {{version}}',
  loading: '載入中',
  retry: '再試一次',
  close: '關閉',
  copy: '複製',
  copied: '已複製',
  copyFailed: '瀏覽器不允許複製',
  download: '下載',
  before: '先前 {{value}}',
  fullText: {
    show: '顯示全部',
    title: '完整文字',
  },
  names: {
    also: '又名',
    more_other: '另有 {{shown}} 個',
  },
  combobox: {
    none: '找不到符合的項目',
  },
  viewSessions_other: '查看這 {{shown}} 個工作階段',
  moreRows: {
    shown: '{{shown}} / {{all}}',
    more: '顯示更多',
  },
  sessionsBehind: '查看這些工作階段',
  table: {
    csvHint: '將整張表格儲存為 CSV',
    csvFailed: '無法儲存表格。{{message}}',
    csvCut: '檔案只包含前 {{shown}} 列。若要取得其餘列，請縮小範圍或新增篩選條件。',
  },
  chart: {
    savePicture: '儲存為圖片',
    made: '產生於 {{time}}',
    showTable: '以表格顯示',
    showChart: '以圖表顯示',
    time: '時間',
    partial: '部分時段',
    position: '位置',
    tableIsCut: '僅顯示前 {{shown}} 列。',
    failed: '圖表載入失敗，請重新整理頁面。',
  },
  error: {
    unreachable: {
      title: '無法連線到伺服器',
      hint: '請確認伺服器正在執行、網路可連線，然後再試一次。',
    },
    forbidden: {
      title: '沒有權限',
      hint: '目前的權杖沒有此權限，請以管理員權杖登入。',
    },
    notFound: {
      title: '找不到',
      hint: '可能已被移除，或是網址有誤。',
    },
    invalid: {
      title: '無法執行此查詢',
      hint: '請調整時間範圍、篩選條件或指標。',
    },
    busy: {
      title: '伺服器忙碌中',
      hint: '目前查詢過多，請稍後再試。',
    },
    failed: {
      title: '發生錯誤',
      hint: '請再試一次。若再次發生，請查看伺服器的記錄檔。',
    },
  },
  emptyServer: {
    title: '還沒有工作階段',
    hint: '此伺服器尚未收集到任何工作階段。串接播放器後，數字會顯示在這裡。',
    connect: '串接播放器',
  },
  crash: {
    title: '此頁面發生錯誤',
    hint: '請重新載入。若再次發生，請回報以下訊息。',
    reload: '重新載入',
  },
  notFoundPage: {
    title: '找不到此頁面',
    hint: '此網址沒有對應的頁面，請從導覽列選擇。',
    back: '前往即時頁面',
  },
};
