/** Why tables and journal cannot be read. */
export const storage = {
  '{{location}} cannot hold a lake: {{why}}': '{{location}} 無法存放資料湖：{{why}}',
  'table {{table}}: {{why}}': '資料表 {{table}}：{{why}}',
  'table {{table}} was written by another release: {{why}}': '資料表 {{table}} 由其他版本寫入：{{why}}',
  'table {{table}}: another process writes for the same data directory': '資料表 {{table}}：另有行程正在寫入同一資料目錄',
  'table {{table}}: another process changed the same files first; nothing was changed':
    '資料表 {{table}}：另一個行程先修改了相同的檔案；未做任何變更',
  'a closed session\'s row cannot be read: {{why}}': '無法讀取已關閉工作階段的資料列：{{why}}',
  'the lake cannot be reached: {{why}}': '無法存取資料湖：{{why}}',
  '{{path}} is damaged: it is not what was copied': '{{path}} 已損毀：與複製的內容不符',
  'it is not a complete Parquet file: {{why}}': '不是完整的 Parquet 檔案：{{why}}',
  'part of it is damaged: {{why}}': '部分內容已損毀：{{why}}',
  'reading it was interrupted': '讀取遭中斷',
  '{{path}} is in use by another writer{{process}}; only one server may use a data directory':
    '{{path}} 正由另一個寫入者使用{{process}}；一個資料目錄只能由一台伺服器使用',
  ' (process {{id}})': '（行程 {{id}}）',
  '{{path}} has journal format {{found}}, newer than format {{supported}}, the newest that this release reads; use the release that wrote it, or a later one':
    '{{path}} 的日誌格式為 {{found}}，比此版本可讀取的最新格式 {{supported}} 更新；請使用寫入它的版本或更新的版本',
  '{{path}} is not a journal: {{found}}': '{{path}} 不是日誌：{{found}}',
  'there is no journal at {{path}}': '{{path}} 沒有日誌',
  '{{context}}: no room left on the disk or within the journal\'s size limit ({{message}}, SQLite code {{code}})':
    '{{context}}：磁碟空間不足，或日誌已達大小上限（{{message}}，SQLite 代碼 {{code}}）',
  '{{context}}: disk failure ({{message}}, SQLite code {{code}})': '{{context}}：磁碟故障（{{message}}，SQLite 代碼 {{code}}）',
  '{{context}}: {{message}} (SQLite code {{code}})': '{{context}}：{{message}}（SQLite 代碼 {{code}}）',
  'refused: {{why}}': '已拒絕：{{why}}',
  'the journal is damaged: {{why}}': '日誌已損毀：{{why}}',
  'closed session {{id}} (position {{position}})': '已關閉的工作階段 {{id}}（位置 {{position}}）',
  'the closed session at position {{position}}': '位置 {{position}} 的已關閉工作階段',
  'the closed sessions at positions {{first}} to {{last}}': '位置 {{first}} 至 {{last}} 的已關閉工作階段',
  ' cannot be read: {{why}}': '無法讀取：{{why}}',
  '{{value}} takes {{bytes}} bytes; the limit is {{most}}': '{{value}} 占用 {{bytes}} 位元組；上限為 {{most}}',
  'the column {{name}} does not have the type that the table declares': '欄位 {{name}} 的類型與資料表的宣告不符',
};
