import type { diagnoses as english } from '../en/diagnoses';
import type { Translation } from '../translation';

export const diagnoses: Translation<typeof english> = {
  event_before_start: {
    title: '事件早于会话开始',
    happened: 'sessionStart 之后的第一个事件带有更早的时间戳；会话因此从这个更早的时间算起。',
    fix: '发送 sessionStart 时使用它入队的时间，而不是实际发出的时间。',
  },
  late_event: {
    title: '事件迟到',
    happened: '事件到达时，其时间戳对应的重排窗口已经关闭；事件仍生效，但不计入经过的时间。',
    fix: '事件发生时立即发送，不要让个别事件滞留超过重排窗口。',
  },
  playhead_out_of_range: {
    title: '播放位置超出范围',
    happened: '某个事件的播放位置小于 0（按 0 计算），或超出内容结尾一秒以上。',
    fix: '以秒为单位上报相对内容开头的播放位置（直播则为当天的秒数）。',
  },
  playhead_frozen: {
    title: '播放位置停滞',
    happened: '播放期间，播放位置停住超过一分钟；这段时间计为卡顿，而不是内容播放时长。',
    fix: '每个事件都要上报当前的播放位置；直播也一样，请上报当天的秒数。',
  },
  unknown_param: {
    title: '未知参数',
    happened: 'params 或 qoeData 中含有该事件文档未定义的键；它只保留在原始事件中。',
    fix: '检查键的拼写；自有数据请放入 customMetadata。',
  },
  missing_param: {
    title: '缺少参数',
    happened: '缺少必填键；由于校验级别为 lenient，事件仍被接受。',
    fix: '发送全部必填键：更严格的校验级别会拒绝该事件。',
  },
  ad_break_not_completed: {
    title: '广告时段未结束',
    happened: '上一个广告时段尚未结束就开始了新的时段；系统先关闭了前者。',
    fix: '在每个广告时段结束时发送 adBreakComplete。',
  },
  ad_not_completed: {
    title: '广告未结束',
    happened: '上一个广告尚未结束就开始了新的广告；前者按未播完关闭。',
    fix: '在每个广告结束时发送 adComplete 或 adSkip。',
  },
  ad_outside_break: {
    title: '广告不在广告时段内',
    happened: '广告在广告时段之外开始；该事件被忽略，其时长仍计为内容播放时长。',
    fix: '在广告时段的第一个广告之前发送 adBreakStart。',
  },
  ad_not_started: {
    title: '广告未开始',
    happened: '收到了未曾开始的广告的结束事件；该事件被忽略。',
    fix: '在 adComplete 或 adSkip 之前发送 adStart。',
  },
  ad_break_not_started: {
    title: '广告时段未开始',
    happened: '收到了未曾开始的广告时段的结束事件；该事件被忽略。',
    fix: '在 adBreakComplete 之前发送 adBreakStart。',
  },
  chapter_not_completed: {
    title: '章节未结束',
    happened: '上一个章节尚未结束就开始了新的章节；前者按未播完关闭。',
    fix: '在每个章节结束时发送 chapterComplete 或 chapterSkip。',
  },
  chapter_not_started: {
    title: '章节未开始',
    happened: '收到了未曾开始的章节的结束事件；该事件被忽略。',
    fix: '在 chapterComplete 或 chapterSkip 之前发送 chapterStart。',
  },
  state_not_started: {
    title: '状态未开始',
    happened: '收到了未曾开始的播放器状态的结束事件；该事件被忽略。',
    fix: '在 stateEnd 之前以相同的名称发送 stateStart。',
  },
  too_many_states: {
    title: '状态过多',
    happened: '上报了超过十种不同的播放器状态；之后的状态被忽略。',
    fix: '一个会话中最多使用十个播放器状态名称。',
  },
  session_too_large: {
    title: '会话过大',
    happened: '会话超出了单个会话可容纳的上限；部分明细行或区间被舍弃。计数和时长仍继续累计，但此后观看的内容可能未计入去重播放时长。',
    fix: '检查播放器中是否存在反复开始广告、章节或上报错误的循环。',
  },
  clock_wrong: {
    title: '设备时钟错误',
    happened:
      'sessionStart 的时间比接收时间晚一天以上或早于 2015 年，或离线播放的会话在接收时间一天之后才结束。所有时间均已平移：会话从收到 sessionStart 时开始，离线播放的会话在收到时结束。',
    fix: '等设备获得时间后再发送 sessionStart，或向服务器查询时间。',
  },
  clock_step: {
    title: '设备时钟被调整',
    happened:
      '某个事件比最新的事件早或晚十分钟以上（若空闲超时更长则以其为准；离线播放的会话为一天）。该事件计为比最新的事件晚两者接收时间之差；离线播放的会话则不计时间。',
    fix: '用无人调整的时钟计算 ts：取一次时间，再加上单调时钟的读数。',
  },
  ts_in_seconds: {
    title: '时间戳以秒为单位',
    happened: '某个 ts 看起来是 1970 年以来的秒数。它被当作毫秒，因此这类事件之间只计入千分之一的时间。',
    fix: '以 1970 年以来的毫秒数发送 ts。',
  },
  server_clock_stepped: {
    title: '服务器时钟被调整',
    happened: '会话打开期间，服务器时钟曾被向前或向后调整。接收时间以当时的时钟为准；超时则按实际经过的时间计算。',
    fix: '无需处理：这与播放器无关。请让服务器时钟保持同步。',
  },
};
