import type { login as english } from '../en/login';
import type { Translation } from '../translation';

export const login: Translation<typeof english> = {
  title: '登入',
  intro: '請使用權杖登入以查看此伺服器的資料。',
  token: '權杖',
  submit: '登入',
  submitting: '登入中',
  show: '顯示',
  hide: '隱藏',
  empty: '請輸入權杖。',
  wrong: '此權杖在這台伺服器上無效。',
  busy: '嘗試次數過多，請稍後再試。',
  unreachable: '無法連線到伺服器，請確認其正在執行。',
  failed: '登入失敗：{{message}}',
  where: {
    title: '權杖在哪裡？',
    firstStart: '伺服器第一次啟動時會顯示一次管理員權杖，請查看當時的記錄檔。',
    lost: '遺失了？以下列選項啟動伺服器即可取得新權杖，舊權杖隨即失效。',
    readOnly: '若只需查看，請向管理員索取唯讀權杖。',
  },
};
