// A player that reports the actions of its <video> element. The address names the clip and the server:
// player.html?collection=URL&content=ID&clip=PATH&script=NAME

import { Reporter } from './reporter.js';
import { RoughNetwork } from './rough_network.js';

const PING_MS = 1_000;

const CHAPTERS = [
  { name: 'opening', offset: 0, length: 3 },
  { name: 'middle', offset: 3, length: 4 },
  { name: 'ending', offset: 7, length: 5 },
];

/** The pre-roll is simulated: nothing is shown, but time passes. */
const PRE_ROLL = [
  { id: 'ad-sofa', name: 'Sofas', ms: 1_200, end: 'adComplete' },
  { id: 'ad-tea', name: 'Tea', ms: 700, end: 'adSkip' },
];

const address = new URLSearchParams(location.search);
const video = document.querySelector('#video');
const stage = document.querySelector('#stage');
const subtitles = document.querySelector('#subtitles');
const network = new RoughNetwork();
const reporter = new Reporter(address.get('collection'), position, (url, body) => network.post(url, body));

// The reports so far, so that nothing is reported twice.
let playback = 'starting';
let chapter = null;
let isMuted = false;
let bitrate = 2_400;
let lastPosition = 0;
let playRequestedAt = 0;
let timeToStart;
let pings;

/** The playhead. While the element seeks it already shows the target, but the viewer is still where the seek began. */
function position() {
  if (!video.seeking) lastPosition = video.currentTime;
  // The playhead is within the content, so at the very end it is the last millisecond.
  return Math.min(lastPosition, video.duration - 0.001);
}

function quality() {
  const { droppedVideoFrames } = video.getVideoPlaybackQuality();
  return {
    'media.qoe.bitrate': bitrate,
    'media.qoe.droppedFrames': droppedVideoFrames,
    'media.qoe.framesPerSecond': 10,
    'media.qoe.timeToStart': timeToStart,
  };
}

// The session and its pre-roll.

function openSession() {
  const start = reporter.moment();
  reporter.start(start, {
    params: {
      'analytics.trackingServer': 'metrics.example.com',
      'analytics.reportSuite': 'browser-test',
      'analytics.visitorId': `visitor of ${address.get('content')}`,
      'visitor.marketingCloudOrgId': '0123456789ABCDEF@AdobeOrg',
      'media.id': address.get('content'),
      'media.name': 'The clip: a clock — 時計',
      'media.length': video.duration,
      'media.contentType': 'VOD',
      'media.playerName': 'scripted player',
      'media.channel': 'browser-test',
    },
    customMetadata: { edition: 'first' },
    qoeData: quality(),
  });
  pings = setInterval(() => reporter.send(reporter.moment(), 'ping', { qoeData: quality() }), PING_MS);
  return start;
}

async function playPreRoll(start) {
  let moment = start;
  reporter.send(moment, 'adBreakStart', {
    params: { 'media.ad.podFriendlyName': 'pre-roll', 'media.ad.podIndex': 0, 'media.ad.podSecond': 0 },
  });
  for (const [index, ad] of PRE_ROLL.entries()) {
    reporter.send(moment, 'adStart', {
      params: {
        'media.ad.id': ad.id,
        'media.ad.name': ad.name,
        'media.ad.length': ad.ms / 1_000,
        'media.ad.podPosition': index + 1,
        'media.ad.playerName': 'scripted player',
      },
      customMetadata: { slot: `${index}` },
    });
    reporter.send(moment, 'play');
    await pass(ad.ms);
    moment = reporter.moment();
    reporter.send(moment, ad.end);
  }
  reporter.send(moment, 'adBreakComplete');
}

// The actions of the element, and their reports.

function reportPlaying() {
  if (playback === 'playing') return;
  playback = 'playing';
  timeToStart ??= Math.round(performance.now() - playRequestedAt) + 1;
  const moment = reporter.moment();
  reporter.send(moment, 'play', { qoeData: quality() });
  openChapterAt(moment);
}

function reportPause() {
  if (playback === 'paused') return;
  playback = 'paused';
  const moment = reporter.moment();
  reporter.send(moment, 'pauseStart');
  return moment;
}

function openChapterAt(moment) {
  if (chapter) return;
  chapter = CHAPTERS.findLast(({ offset }) => offset <= moment.playhead);
  reporter.send(moment, 'chapterStart', {
    params: {
      'media.chapter.friendlyName': chapter.name,
      'media.chapter.index': CHAPTERS.indexOf(chapter) + 1,
      'media.chapter.offset': chapter.offset,
      'media.chapter.length': chapter.length,
    },
  });
}

function closeChapter(moment, type) {
  if (!chapter) return;
  chapter = null;
  reporter.send(moment, type);
}

video.addEventListener('playing', reportPlaying);
video.addEventListener('pause', () => {
  if (!video.ended) reportPause();
});
video.addEventListener('waiting', () => {
  if (playback !== 'playing' || video.seeking) return;
  playback = 'buffering';
  reporter.send(reporter.moment(), 'bufferStart', { qoeData: quality() });
});
// A seek is a pause that ends at the target of the jump.
video.addEventListener('seeking', () => {
  const moment = reportPause();
  if (moment) closeChapter(moment, 'chapterSkip');
});
video.addEventListener('timeupdate', () => {
  if (playback !== 'playing' || !chapter || position() < chapter.offset + chapter.length || video.ended) return;
  const moment = reporter.moment();
  closeChapter(moment, 'chapterComplete');
  openChapterAt(moment);
});
video.addEventListener('volumechange', () => {
  if (video.muted !== isMuted) reportState('mute', isMuted = video.muted);
});
document.addEventListener('fullscreenchange', () => {
  reportState('fullScreen', document.fullscreenElement !== null);
});
video.addEventListener('error', () => reportError(`media-${video.error.code}`));
subtitles.addEventListener('error', () => reportError('subtitles-missing'));
video.addEventListener('ended', () => {
  clearInterval(pings);
  playback = 'ended';
  const moment = reporter.moment();
  closeChapter(moment, 'chapterComplete');
  if (video.muted) reporter.send(moment, 'stateEnd', { params: { 'media.state.name': 'mute' } });
  reporter.send(moment, 'sessionComplete');
  reporter.send(moment, 'sessionEnd', { qoeData: quality() });
});

function reportState(name, isOn) {
  reporter.send(reporter.moment(), isOn ? 'stateStart' : 'stateEnd', { params: { 'media.state.name': name } });
}

function reportError(id) {
  const qoeData = { ...quality(), 'media.qoe.errorID': id, 'media.qoe.errorSource': 'player' };
  reporter.send(reporter.moment(), 'error', { qoeData });
}

document.querySelector('#fullscreen').addEventListener('click', () => {
  return document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen();
});

// The actions of the viewer.

const scripts = {
  /** Everything that a viewer can do in twelve seconds; the download of the clip may stall as well. */
  async everything() {
    await reached(0.8);
    subtitles.track.mode = 'showing';
    subtitles.src = '/no-such-subtitles.vtt';
    await reached(1.5);
    network.overtakeNext();
    video.muted = true;
    await pass(100);
    bitrate = 4_800;
    reporter.send(reporter.moment(), 'bitrateChange', { qoeData: quality() });
    await reached(2.2);
    await pauseFor(1_300);
    await reached(4.5);
    network.repeatNext();
    await reached(5.5);
    video.currentTime = 9;
    await reached(10);
    video.muted = false;
  },

  /** A pause, and a jump back. */
  async rewatching() {
    await reached(2.5);
    await pauseFor(600);
    await reached(4.5);
    video.currentTime = 1;
    await reached(2);
    video.currentTime = 10.5;
  },

  /** Nothing at all. */
  async watching() {},
};

async function pauseFor(ms) {
  video.pause();
  await pass(ms);
  await video.play();
}

function pass(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves when the element fires an event, at once when it does not have to any more. */
async function until(event, isSo) {
  while (!isSo()) await new Promise((resolve) => video.addEventListener(event, resolve, { once: true }));
}

function reached(seconds) {
  return until('timeupdate', () => !video.seeking && video.currentTime >= seconds);
}

async function run() {
  video.src = address.get('clip');
  await until('canplay', () => video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA);
  const start = openSession();
  if (address.has('pre-roll')) await playPreRoll(start);
  playRequestedAt = performance.now();
  await video.play();
  await scripts[address.get('script')]();
  await until('ended', () => playback === 'ended');
  await reporter.settle();
}

/** For the test that drives the page. */
window.player = {
  reporter,
  isFinished: false,
  hasReported(type, state) {
    return reporter.log.some((entry) => entry.type === type && entry.event.params?.['media.state.name'] === state);
  },
};
run().then(() => { window.player.isFinished = true; });
