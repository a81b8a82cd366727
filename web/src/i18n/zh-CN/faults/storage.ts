/** Why tables and journal cannot be read. */
export const storage = {
  '{{location}} cannot hold a lake: {{why}}': '{{location}} 无法存放数据湖：{{why}}',
  'table {{table}}: {{why}}': '表 {{table}}：{{why}}',
  'table {{table}} was written by another release: {{why}}': '表 {{table}} 由其他版本写入：{{why}}',
  'table {{table}}: another process writes for the same data directory': '表 {{table}}：另有进程在写入同一数据目录',
  'table {{table}}: another process changed the same files first; nothing was changed':
    '表 {{table}}：另一个进程先修改了相同的文件；未作任何更改',
  'a closed session\'s row cannot be read: {{why}}': '无法读取已关闭会话的行：{{why}}',
  'the lake cannot be reached: {{why}}': '无法访问数据湖：{{why}}',
  '{{path}} is damaged: it is not what was copied': '{{path}} 已损坏：与复制的内容不符',
  'it is not a complete Parquet file: {{why}}': '不是完整的 Parquet 文件：{{why}}',
  'part of it is damaged: {{why}}': '部分内容已损坏：{{why}}',
  'reading it was interrupted': '读取被中断',
  '{{path}} is in use by another writer{{process}}; only one server may use a data directory':
    '{{path}} 正被另一个写入者使用{{process}}；一个数据目录只能由一台服务器使用',
  ' (process {{id}})': '（进程 {{id}}）',
  '{{path}} has journal format {{found}}, newer than format {{supported}}, the newest that this release reads; use the release that wrote it, or a later one':
    '{{path}} 的日志格式为 {{found}}，比此版本可读取的最新格式 {{supported}} 更新；请使用写入它的版本或更新的版本',
  '{{path}} is not a journal: {{found}}': '{{path}} 不是日志：{{found}}',
  'there is no journal at {{path}}': '{{path}} 处没有日志',
  '{{context}}: no room left on the disk or within the journal\'s size limit ({{message}}, SQLite code {{code}})':
    '{{context}}：磁盘空间不足，或日志已达大小上限（{{message}}，SQLite 代码 {{code}}）',
  '{{context}}: disk failure ({{message}}, SQLite code {{code}})': '{{context}}：磁盘故障（{{message}}，SQLite 代码 {{code}}）',
  '{{context}}: {{message}} (SQLite code {{code}})': '{{context}}：{{message}}（SQLite 代码 {{code}}）',
  'refused: {{why}}': '已拒绝：{{why}}',
  'the journal is damaged: {{why}}': '日志已损坏：{{why}}',
  'closed session {{id}} (position {{position}})': '已关闭的会话 {{id}}（位置 {{position}}）',
  'the closed session at position {{position}}': '位置 {{position}} 处已关闭的会话',
  'the closed sessions at positions {{first}} to {{last}}': '位置 {{first}} 至 {{last}} 处已关闭的会话',
  ' cannot be read: {{why}}': '无法读取：{{why}}',
  '{{value}} takes {{bytes}} bytes; the limit is {{most}}': '{{value}} 占用 {{bytes}} 字节；上限为 {{most}}',
  'the column {{name}} does not have the type that the table declares': '列 {{name}} 的类型与表的声明不符',
};
