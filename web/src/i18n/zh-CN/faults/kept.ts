/** Faults of what people keep, and of what they exclude. */
export const kept = {
  'must say why the session is excluded': '必须说明排除该会话的原因',
  'must have at most {{most}} bytes, not {{found}}': '最多 {{most}} 字节，现有 {{found}} 字节',
  'must be one line without control characters': '必须是不含控制字符的一行文本',
  'must be later than at; leave it out for a moment': '必须晚于 at；瞬时事件请省略此项',
  'holds {{found}} panels; a board has at most {{most}}': '有 {{found}} 个面板；每个自定义看板最多 {{most}} 个',
  'must be a list of panels': '必须是面板列表',
  'must have at most {{most}} bytes of JSON, not {{found}}': 'JSON 最多 {{most}} 字节，现有 {{found}} 字节',
  'must name one metric: a series has one': '必须且只能指定一个指标：时间序列只有一个指标',
  'must name one metric: both sets have a line or a column of it': '必须且只能指定一个指标：两组会话各显示为一条线或一列',
  'may name one dimension, whose values have a row each': '最多可指定一个维度，其每个值显示为一行',
  'may name one dimension, whose values have a line each': '最多指定一个维度，其每个值各画一条线',
  'must name at least one dimension': '至少要指定一个维度',
  'must be a time with an offset, such as 2026-11-01T00:00:00Z': '必须是带时区偏移的时间，例如 2026-11-01T00:00:00Z',
  'must be the version that was read': '必须是读取时的版本',
  'must be path and query of a page, such as /overview?range=30d, with other characters escaped as in any URL':
    '必须是页面的路径和查询参数，例如 /overview?range=30d，其他字符须按 URL 规则转义',
  'must be an object with the reason as text: {"reason": "..."}': '必须是以文本给出原因的对象：{"reason": "..."}',
  'must be an object with the token as text: {"token": "..."}': '必须是以文本给出令牌的对象：{"token": "..."}',
  'the {{kind}} belongs to another token; only that one and the admin token may change it':
    '该{{kind}}属于另一个令牌；只有该令牌和管理员令牌可以修改',
  'there are {{most}} {{kind}}, and that is the most; remove another one first': '已有 {{most}} 个{{kind}}，达到上限；请先删除一个',
  'this token has {{most}} {{kind}}, and that is the most for one; remove another one first':
    '此令牌已有 {{most}} 个{{kind}}，达到单个令牌的上限；请先删除一个',
  'the {{kind}} was changed meanwhile and has version {{version}} now; read it again before you change it':
    '该{{kind}}其间已被修改，现为版本 {{version}}；请重新读取后再修改',
  '{{most}} sessions are excluded, and that is the most; undo the exclusion of another one first':
    '已排除 {{most}} 个会话，达到上限；请先恢复另一个会话',
};
