// What every run has beside the generated tables: sessions that are open, recorded ones, hostile ones, refused requests, and
// what people keep: a board, hostile views and an annotation.

import { CollectedSession, HOSTILE_NAMES, sendRefused, sendTimeline } from './collected_sessions.mjs';

export const TIMELINES = ['1-view-to-end', '2-user-abandons', '3-chapters'];

/**
 * Sends it all.
 *
 * @returns {Promise<{timelines: Record<string, string>, hostile: Record<string, string>, board: string}>} the ids of sessions
 * by name, and that of the board
 */
export async function populate(server) {
  const population = { timelines: {}, hostile: {} };
  for (const name of TIMELINES) population.timelines[name] = await sendTimeline(server, name);
  for (let place = 0; place < 9; place += 1) {
    const content = ['A', 'B', 'C'][place % 3];
    await CollectedSession.open(server, {
      'media.id': `open-${content}`,
      'media.name': `Open content ${content}`,
      'media.channel': ['web', 'tv'][place % 2],
      'media.playerName': ['html5', 'tv app'][place % 2],
    });
  }
  for (const [kind, name] of Object.entries(HOSTILE_NAMES)) {
    population.hostile[kind] = await openHostile(server, kind, name);
  }
  await sendRefused(server, {
    playerTime: { playhead: '0', ts: 1 },
    eventType: 'sessionStart',
    params: { 'media.name': HOSTILE_NAMES.markup, 'media.length': 'long' },
  });
  population.board = await keep(server);
  return population;
}

/** A board with a panel of each kind, a view for each hostile name, an annotation within the generated days. */
async function keep(server) {
  for (const [kind, name] of Object.entries(HOSTILE_NAMES)) {
    await server.report('/views', { name: name.replace(/\p{Cc}/gu, '').slice(0, 60), address: `/overview?show=${kind}`, is_shared: true });
  }
  await server.report('/annotations', {
    at: '2026-01-12T10:00:00+01:00', to: '2026-01-13T10:00:00+01:00', kind: 'outage', text: HOSTILE_NAMES.markup.slice(0, 60),
  });
  const { id } = await server.report('/boards', {
    name: 'Morning',
    is_shared: true,
    panels: [
      { title: 'Starts', kind: 'series', parameters: { metrics: ['media_starts'] } },
      { title: 'By channel', kind: 'breakdown', parameters: { metrics: ['media_starts', 'visitors'], dimensions: ['channel'] } },
      { title: 'At once', kind: 'concurrency', parameters: { count: 'sessions', by: 'channel', limit: 3 } },
      { title: 'Quality', kind: 'quality', parameters: {} },
      {
        title: 'Both', kind: 'side_by_side',
        parameters: {
          metrics: ['media_starts'], dimensions: ['player_name'],
          a: { name: 'iOS', filters: [{ dimension: 'channel', operator: '=', value: 'ios' }] },
          b: { name: HOSTILE_NAMES.rightToLeft, filters: [{ dimension: 'channel', operator: '!=', value: 'ios' }] },
        },
      },
    ],
  });
  return id;
}

async function openHostile(server, kind, name) {
  // One event has room for one long word.
  const short = name.slice(0, 200);
  const session = await CollectedSession.open(server, {
    'media.id': `hostile/${kind}?&#% <b>`,
    'media.name': name,
    'media.playerName': short,
    'media.channel': short,
    'media.show': short,
    'analytics.visitorId': short,
  }, { customMetadata: { [`key_${kind}`]: short } });
  await session.send('error', { qoeData: { 'media.qoe.errorID': short, 'media.qoe.errorSource': 'player' } });
  await session.send('adBreakStart', {
    params: { 'media.ad.podFriendlyName': short, 'media.ad.podIndex': 0, 'media.ad.podSecond': 0 },
  });
  await session.send('adStart', {
    params: {
      'media.ad.id': short, 'media.ad.name': short, 'media.ad.length': 30, 'media.ad.podPosition': 1,
      'media.ad.playerName': short, 'media.ad.advertiser': short, 'media.ad.campaignId': short,
    },
  });
  await session.send('adComplete');
  await session.send('adBreakComplete');
  await session.send('stateStart', { params: { 'media.state.name': 'mute' } });
  await session.send('chapterStart', {
    params: {
      'media.chapter.friendlyName': short, 'media.chapter.index': 1, 'media.chapter.length': 60, 'media.chapter.offset': 0,
    },
  });
  return session.id;
}
