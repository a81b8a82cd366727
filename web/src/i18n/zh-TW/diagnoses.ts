import type { diagnoses as english } from '../en/diagnoses';
import type { Translation } from '../translation';

export const diagnoses: Translation<typeof english> = {
  event_before_start: {
    title: '事件早於工作階段開始',
    happened: 'sessionStart 之後的第一個事件帶有更早的時間戳記；工作階段因此從這個較早的時間算起。',
    fix: '送出 sessionStart 時請使用它排入佇列的時間，而不是實際送出的時間。',
  },
  late_event: {
    title: '事件延遲',
    happened: '事件送達時，其時間戳記所屬的重新排序時間窗已關閉；事件仍會生效，但不計入經過的時間。',
    fix: '事件發生時就立即送出，不要讓個別事件滯留超過重新排序時間窗。',
  },
  playhead_out_of_range: {
    title: '播放位置超出範圍',
    happened: '某個事件的播放位置小於 0（以 0 計算），或超出內容結尾一秒以上。',
    fix: '請以秒為單位回報從內容開頭算起的播放位置（直播則為當日的秒數）。',
  },
  playhead_frozen: {
    title: '播放位置停滯',
    happened: '播放期間，播放位置停住超過一分鐘；這段時間計為停頓，而不是內容播放時間。',
    fix: '每個事件都要送出當下的播放位置；直播也一樣，請送出當日的秒數。',
  },
  unknown_param: {
    title: '未知參數',
    happened: 'params 或 qoeData 中含有該事件文件未定義的鍵；它只保留在原始事件中。',
    fix: '請檢查鍵的拼寫；自訂資料請放入 customMetadata。',
  },
  missing_param: {
    title: '缺少參數',
    happened: '缺少必填的鍵；因驗證等級為 lenient，事件仍被接受。',
    fix: '請送出所有必填的鍵：較嚴格的驗證等級會拒絕該事件。',
  },
  ad_break_not_completed: {
    title: '廣告時段未結束',
    happened: '前一個廣告時段尚未結束就開始了新的時段；系統已先關閉前者。',
    fix: '請在每個廣告時段結束時送出 adBreakComplete。',
  },
  ad_not_completed: {
    title: '廣告未結束',
    happened: '前一則廣告尚未結束就開始了新的廣告；前者以未播完關閉。',
    fix: '請在每則廣告結束時送出 adComplete 或 adSkip。',
  },
  ad_outside_break: {
    title: '廣告不在廣告時段內',
    happened: '廣告在廣告時段之外開始；該事件遭忽略，其時間仍計為內容播放時間。',
    fix: '請在廣告時段的第一則廣告之前送出 adBreakStart。',
  },
  ad_not_started: {
    title: '廣告未開始',
    happened: '收到未曾開始的廣告的結束事件；該事件遭忽略。',
    fix: '請在 adComplete 或 adSkip 之前送出 adStart。',
  },
  ad_break_not_started: {
    title: '廣告時段未開始',
    happened: '收到未曾開始的廣告時段的結束事件；該事件遭忽略。',
    fix: '請在 adBreakComplete 之前送出 adBreakStart。',
  },
  chapter_not_completed: {
    title: '章節未結束',
    happened: '前一個章節尚未結束就開始了新的章節；前者以未播完關閉。',
    fix: '請在每個章節結束時送出 chapterComplete 或 chapterSkip。',
  },
  chapter_not_started: {
    title: '章節未開始',
    happened: '收到未曾開始的章節的結束事件；該事件遭忽略。',
    fix: '請在 chapterComplete 或 chapterSkip 之前送出 chapterStart。',
  },
  state_not_started: {
    title: '狀態未開始',
    happened: '收到未曾開始的播放器狀態的結束事件；該事件遭忽略。',
    fix: '請在 stateEnd 之前以相同名稱送出 stateStart。',
  },
  too_many_states: {
    title: '狀態過多',
    happened: '回報了超過十種不同的播放器狀態；之後的狀態遭忽略。',
    fix: '一個工作階段最多使用十個播放器狀態名稱。',
  },
  session_too_large: {
    title: '工作階段過大',
    happened: '工作階段超過單一工作階段可容納的上限；部分明細列或區間遭捨棄。計數與時間仍會累計，但此後觀看的內容可能未計入不重複播放時間。',
    fix: '請檢查播放器是否有反覆開始廣告、章節或回報錯誤的迴圈。',
  },
  clock_wrong: {
    title: '裝置時鐘錯誤',
    happened:
      'sessionStart 的時間晚於接收時間一天以上或早於 2015 年，或離線播放的工作階段結束於接收時間一天之後。所有時間都已平移：工作階段自收到 sessionStart 時開始，離線播放的工作階段於收到時結束。',
    fix: '請等裝置取得時間後再送出 sessionStart，或向伺服器查詢時間。',
  },
  clock_step: {
    title: '裝置時鐘經過調整',
    happened:
      '某個事件比最新的事件早或晚十分鐘以上（若閒置逾時較長則以其為準；離線播放的工作階段為一天）。該事件計為比最新的事件晚兩者接收時間之差；離線播放的工作階段則不計時間。',
    fix: '請以無人調整的時鐘計算 ts：取一次時間，再加上單調時鐘的讀數。',
  },
  ts_in_seconds: {
    title: '時間戳記以秒為單位',
    happened: '某個 ts 看似 1970 年以來的秒數。它被當作毫秒，因此這類事件之間只計入千分之一的時間。',
    fix: '請以 1970 年以來的毫秒數送出 ts。',
  },
  server_clock_stepped: {
    title: '伺服器時鐘經過調整',
    happened: '工作階段開啟期間，伺服器時鐘曾被往前或往後調整。接收時間以當時的時鐘為準；逾時則依實際經過的時間計算。',
    fix: '無需處理：這與播放器無關。請讓伺服器時鐘保持同步。',
  },
};
