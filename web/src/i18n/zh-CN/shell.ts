import type { shell as english } from '../en/shell';
import type { Translation } from '../translation';

export const shell: Translation<typeof english> = {
  nav: {
    label: '页面',
    live: '实时',
    overview: '概览',
    sides: '并排对比',
    content: '内容',
    concurrency: '并发',
    quality: '质量',
    ads: '广告',
    boards: '自定义看板',
    sessions: '会话',
    sql: 'SQL',
    connect: '接入',
    more: '更多',
    skip: '跳到正文',
    groups: {
      watch: '观察',
      analyse: '分析',
      build: '接入与查询',
    },
  },
  settings: {
    title: '设置',
    language: '语言',
    theme: '主题',
    system: '跟随系统',
    light: '浅色',
    dark: '深色',
    timeZone: '时区',
    serverZone: '服务器时区：{{zone}}',
    logOut: '退出登录',
  },
  role: {
    admin: '管理员',
    read: '只读',
    adminHint: '以管理员令牌登录',
    readHint: '以只读令牌登录',
  },
  version: '版本 {{version}}',
  loading: '正在加载',
  retry: '重试',
  close: '关闭',
  copy: '复制',
  copied: '已复制',
  copyFailed: '浏览器不允许复制',
  download: '下载',
  before: '此前 {{value}}',
  fullText: {
    show: '显示全部',
    title: '完整文本',
  },
  names: {
    also: '又名',
    more_other: '另有 {{shown}} 个',
  },
  combobox: {
    none: '没有匹配项',
  },
  viewSessions_other: '查看这 {{shown}} 个会话',
  moreRows: {
    shown: '{{shown}} / {{all}}',
    more: '显示更多',
  },
  sessionsBehind: '查看这些会话',
  table: {
    csvHint: '将整张表保存为 CSV',
    csvFailed: '无法保存表格。{{message}}',
    csvCut: '文件只包含前 {{shown}} 行。要获取其余行，请缩小范围或添加筛选条件。',
  },
  chart: {
    savePicture: '保存为图片',
    made: '生成于 {{time}}',
    showTable: '以表格显示',
    showChart: '以图表显示',
    time: '时间',
    partial: '部分时段',
    position: '位置',
    tableIsCut: '仅显示前 {{shown}} 行。',
    failed: '图表加载失败，请刷新页面重试。',
  },
  error: {
    unreachable: {
      title: '无法连接服务器',
      hint: '请确认服务器正在运行、网络可达，然后重试。',
    },
    forbidden: {
      title: '没有权限',
      hint: '当前令牌无此权限，请使用管理员令牌登录。',
    },
    notFound: {
      title: '未找到',
      hint: '它可能已被删除，或地址有误。',
    },
    invalid: {
      title: '无法执行该查询',
      hint: '请调整时间范围、筛选条件或指标。',
    },
    busy: {
      title: '服务器繁忙',
      hint: '当前查询过多，请稍后重试。',
    },
    failed: {
      title: '出错了',
      hint: '请重试。如再次出现，请查看服务器日志。',
    },
  },
  emptyServer: {
    title: '还没有会话',
    hint: '此服务器尚未采集到任何会话。接入播放器后，数字会显示在这里。',
    connect: '接入播放器',
  },
  crash: {
    title: '此页面出错了',
    hint: '请刷新页面。如再次出现，请反馈以下信息。',
    reload: '刷新',
  },
  notFoundPage: {
    title: '页面不存在',
    hint: '该地址没有对应的页面，请从导航中选择。',
    back: '前往实时页',
  },
};
