/** Faults of what people keep, and of what they exclude. */
export const kept = {
  'must say why the session is excluded': '必須說明排除此工作階段的原因',
  'must have at most {{most}} bytes, not {{found}}': '最多 {{most}} 位元組，目前有 {{found}} 位元組',
  'must be one line without control characters': '必須是不含控制字元的一行文字',
  'must be later than at; leave it out for a moment': '必須晚於 at；單一時間點請省略此項',
  'holds {{found}} panels; a board has at most {{most}}': '有 {{found}} 個面板；每個看板最多 {{most}} 個',
  'must be a list of panels': '必須是面板清單',
  'must have at most {{most}} bytes of JSON, not {{found}}': 'JSON 最多 {{most}} 位元組，目前有 {{found}} 位元組',
  'must name one metric: a series has one': '必須且只能指定一個指標：時間數列只有一個指標',
  'must name one metric: both sets have a line or a column of it': '必須且只能指定一個指標：兩組工作階段各顯示為一條線或一欄',
  'may name one dimension, whose values have a row each': '最多可指定一個維度，其每個值顯示為一列',
  'may name one dimension, whose values have a line each': '最多指定一個維度，其每個值各畫一條線',
  'must name at least one dimension': '至少要指定一個維度',
  'must be a time with an offset, such as 2026-11-01T00:00:00Z': '必須是帶有時區偏移的時間，例如 2026-11-01T00:00:00Z',
  'must be the version that was read': '必須是讀取時的版本',
  'must be path and query of a page, such as /overview?range=30d, with other characters escaped as in any URL':
    '必須是頁面的路徑與查詢參數，例如 /overview?range=30d，其他字元須依 URL 規則逸出',
  'must be an object with the reason as text: {"reason": "..."}': '必須是以文字提供原因的物件：{"reason": "..."}',
  'must be an object with the token as text: {"token": "..."}': '必須是以文字提供權杖的物件：{"token": "..."}',
  'the {{kind}} belongs to another token; only that one and the admin token may change it':
    '此{{kind}}屬於另一個權杖；只有該權杖與管理員權杖可以修改',
  'there are {{most}} {{kind}}, and that is the most; remove another one first': '已有 {{most}} 個{{kind}}，達到上限；請先移除一個',
  'this token has {{most}} {{kind}}, and that is the most for one; remove another one first':
    '此權杖已有 {{most}} 個{{kind}}，達到單一權杖的上限；請先移除一個',
  'the {{kind}} was changed meanwhile and has version {{version}} now; read it again before you change it':
    '此{{kind}}在這段期間已被修改，目前為版本 {{version}}；請重新讀取後再修改',
  '{{most}} sessions are excluded, and that is the most; undo the exclusion of another one first':
    '已排除 {{most}} 個工作階段，達到上限；請先復原另一個工作階段',
};
