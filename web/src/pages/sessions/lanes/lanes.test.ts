import { describe, expect, it } from 'vitest';
import { buildLanes } from './lanes';
import { at, recorded, START_MS } from '../events/testEvents';

const time = (from: number, to: number, playback: string, account = 'content_time_spent') => ({
  from: at(from),
  to: at(to),
  seconds: to - from,
  account,
  playback,
  opened_by: 1,
});
const seconds = (bars: readonly { fromMs: number; toMs: number }[]) =>
  bars.map(({ fromMs, toMs }) => [(fromMs - START_MS) / 1000, (toMs - START_MS) / 1000]);
const state = (change: object) => ({ playback: 'playing', ad_break: false, ad: false, chapter: false, closed: null, ...change });

describe('playback', () => {
  it('joins what goes on, and tells states apart', () => {
    const lanes = buildLanes(
      recorded([
        { seconds: 0, type: 'sessionStart' },
        { seconds: 10, type: 'ping', effect: { attributed: [time(0, 10, 'playing')] } },
        { seconds: 20, type: 'bufferStart', effect: { attributed: [time(10, 20, 'playing')] } },
        { seconds: 23, type: 'play', effect: { attributed: [time(20, 23, 'buffering', 'total_buffer_duration')] } },
      ]),
    );
    expect(lanes.playback.map((bar) => bar.state)).toEqual(['playing', 'buffering']);
    expect(seconds(lanes.playback)).toEqual([[0, 20], [20, 23]]);
  });

  it('turns what had looked like playing into a stall, once it is found', () => {
    const lanes = buildLanes(
      recorded([
        { seconds: 0, type: 'play' },
        { seconds: 10, type: 'ping', effect: { attributed: [time(0, 10, 'playing')] } },
        { seconds: 20, type: 'ping', effect: { attributed: [time(10, 20, 'playing')] } },
        {
          seconds: 30,
          type: 'ping',
          effect: {
            attributed: [
              time(20, 30, 'playing'),
              { from: at(10), to: at(30), seconds: 20, account: 'total_stall_duration', moved_from: 'content_time_spent' },
            ],
          },
        },
        { seconds: 40, type: 'ping', effect: { attributed: [time(30, 40, 'playing', 'total_stall_duration')] } },
      ]),
    );
    expect(lanes.playback.map((bar) => bar.state)).toEqual(['playing', 'stalled']);
    expect(seconds(lanes.playback)).toEqual([[0, 10], [10, 40]]);
  });
});

describe('what opens and closes', () => {
  it('has names, and closes where another opens or the session ends', () => {
    const ad = (name: string) => ({ params: { 'media.ad.name': name } });
    const lanes = buildLanes(
      recorded([
        { seconds: 0, type: 'sessionStart' },
        { seconds: 1, type: 'adBreakStart', effect: { state: state({ ad_break: true }) } },
        { seconds: 1, type: 'adStart', body: ad('A'), effect: { state: state({ ad_break: true, ad: true }) } },
        { seconds: 6, type: 'adStart', body: ad('B'), effect: { state: state({ ad_break: true, ad: true }) } },
        { seconds: 8, type: 'adComplete', effect: { state: state({ ad_break: true }) } },
        { seconds: 9, type: 'adStart', body: ad('Ignored'), effect: null, status: 'ignored' },
        { seconds: 12, type: 'ping', effect: { state: state({ ad_break: true }) } },
      ]),
    );
    expect(lanes.ads.map(({ name }) => name)).toEqual(['A', 'B']);
    expect(seconds(lanes.ads)).toEqual([[1, 6], [6, 8]]);
    expect(lanes.breaks).toMatchObject([{ isOpen: true, name: null }]);
    expect(seconds(lanes.breaks)).toEqual([[1, 12]]);
  });

  it('follows player states by what changed', () => {
    const states = (...list: [string, number][]) => list.map(([name, count]) => ({ name, count, time: 0 }));
    const lanes = buildLanes(
      recorded([
        { seconds: 0, type: 'stateStart', effect: { changes: { states: { from: [], to: states(['mute', 1]) } } } },
        { seconds: 5, type: 'stateEnd', body: { params: { 'media.state.name': 'mute' } } },
        {
          seconds: 7,
          type: 'statesUpdate',
          body: { params: { statesEnd: [{ 'media.state.name': 'fullscreen' }] } },
          effect: { changes: { states: { from: states(['mute', 1]), to: states(['mute', 2], ['fullScreen', 1]) } } },
        },
        { seconds: 9, type: 'sessionEnd', effect: { state: state({ closed: 'session_end' }) } },
      ]),
    );
    expect(lanes.states.map(({ name }) => name)).toEqual(['mute', 'fullScreen']);
    expect(seconds(lanes.states[0]?.bars ?? [])).toEqual([[0, 5], [7, 9]]);
    expect(lanes.states[1]?.bars).toMatchObject([{ isOpen: false }]);
  });
});

describe('points and marks', () => {
  it('stand by time, whatever the order of processing, and time never goes back', () => {
    const lanes = buildLanes(
      recorded([
        { seconds: 0, type: 'sessionStart' },
        { seconds: 10, type: 'chapterStart', effect: { state: state({ chapter: true }) } },
        { seconds: 5, type: 'chapterComplete', playhead: 4 },
        { seconds: 20, type: 'ping', effect: null, body: { qoeData: { 'media.qoe.bitrate': 3200 } } },
      ]),
    );
    expect(lanes.marks.map(({ place }) => place)).toEqual([0, 2, 1, 3]);
    expect(seconds(lanes.chapters)).toEqual([[10, 10]]);
    expect(lanes.bitrate).toEqual([{ atMs: START_MS + 20_000, value: 3200 }]);
    expect([lanes.fromMs, lanes.toMs]).toEqual([START_MS, START_MS + 20_000]);
  });

  it('may be none at all', () => {
    const lanes = buildLanes([]);
    expect(lanes.toMs).toBeGreaterThan(lanes.fromMs);
  });
});
