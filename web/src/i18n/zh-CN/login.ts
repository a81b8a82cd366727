import type { login as english } from '../en/login';
import type { Translation } from '../translation';

export const login: Translation<typeof english> = {
  title: '登录',
  intro: '请使用令牌登录以查看此服务器的数据。',
  token: '令牌',
  submit: '登录',
  submitting: '正在登录',
  show: '显示',
  hide: '隐藏',
  empty: '请输入令牌。',
  wrong: '该令牌在此服务器上无效。',
  busy: '尝试次数过多，请稍后再试。',
  unreachable: '无法连接服务器，请确认其正在运行。',
  failed: '登录失败：{{message}}',
  where: {
    title: '令牌在哪里？',
    firstStart: '服务器首次启动时会打印一次管理员令牌，请查看当时的日志。',
    lost: '令牌丢失？用以下选项启动服务器即可生成新令牌，旧令牌随即失效。',
    readOnly: '如果只需查看，请向管理员索取只读令牌。',
  },
};
