// What every run has beside the generated tables: sessions that are open, recorded ones, hostile ones, refused requests.

import { CollectedSession, HOSTILE_NAMES, sendRefused, sendTimeline } from './collected_sessions.mjs';

export const TIMELINES = ['1-view-to-end', '2-user-abandons', '3-chapters'];

/**
 * Sends it all.
 *
 * @returns {Promise<{timelines: Record<string, string>, hostile: Record<string, string>}>} the ids of sessions by name
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
  return population;
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
