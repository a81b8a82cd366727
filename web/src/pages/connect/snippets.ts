/** Texts to copy, for a server at an origin. */

const QUOTE_END = "'\\''";

/** A text in single quotes for a shell. */
function shell(text: string): string {
  return `'${text.replaceAll("'", QUOTE_END)}'`;
}

export function curlSnippet(origin: string, reportSuite: string): string {
  const start = {
    playerTime: { playhead: 0, ts: 0 },
    eventType: 'sessionStart',
    params: {
      'analytics.trackingServer': 'example',
      'analytics.reportSuite': reportSuite,
      'visitor.marketingCloudOrgId': 'example',
      'media.id': 'first-content',
      'media.name': 'My first content',
      'media.length': 120,
      'media.contentType': 'vod',
      'media.playerName': 'curl',
      'media.channel': 'test',
    },
  };
  const body = shell(JSON.stringify(start, null, 2)).replace('"ts": 0', `"ts": '$(date +%s)'000`);
  const event = (type: string, playhead: number) =>
    `curl -sS "$HOST$SESSION/events" -d '{"playerTime": {"playhead": ${playhead}, "ts": '$(date +%s)'000}, "eventType": "${type}", "params": {}}'`;
  return `HOST=${origin}
SESSION=$(curl -sS -D - -o /dev/null "$HOST/api/v1/sessions" -d ${body} | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
${event('play', 0)}
sleep 5
${event('ping', 5)}
${event('sessionEnd', 5)}
echo "$HOST/sessions/\${SESSION##*/}"
# Nobody watched this: leave it out of all reports. Needs the admin token.
[ -z "$PLAYHEAD_TOKEN" ] || curl -sS "$HOST/reports/v1/sessions/\${SESSION##*/}/exclusion" -H "Authorization: Bearer $PLAYHEAD_TOKEN" -H 'Content-Type: application/json' -d '{"reason": "test"}'
`;
}

export function javascriptSnippet(origin: string, reportSuite: string): string {
  return `// Reports what a <video> element does. Events wait for the session to open; each carries its own time.
function report(video, { id, name, channel = 'web' }) {
  const isLive = !Number.isFinite(video.duration);
  let lastTs = 0;
  let state = 'starting';
  // Seconds into the content, and below its length; for live content the second of the day.
  const playhead = () =>
    isLive ? Math.floor(Date.now() / 1000) % 86_400 : Math.min(video.currentTime, video.duration - 0.001);
  const event = (eventType, more = {}) => ({
    playerTime: { playhead: playhead(), ts: (lastTs = Math.max(Date.now(), lastTs + 1)) },
    eventType,
    params: {},
    ...more,
  });
  // text/plain saves the browser a preflight; keepalive lets the last event leave with the page.
  const post = (url, body) =>
    fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'text/plain' }, keepalive: true });

  const start = event('sessionStart', {
    params: {
      'analytics.trackingServer': 'none',
      'analytics.reportSuite': ${JSON.stringify(reportSuite)},
      'visitor.marketingCloudOrgId': 'none',
      'media.id': id,
      'media.name': name,
      'media.length': isLive ? 0 : video.duration,
      'media.contentType': isLive ? 'live' : 'vod',
      'media.playerName': 'html5',
      'media.channel': channel,
    },
  });
  const collection = '${origin}/api/v1/sessions';
  const events = post(collection, start).then(
    (answer) => new URL(answer.headers.get('Location'), collection) + '/events',
  );
  const send = (eventType, more) => {
    const body = event(eventType, more);
    return events.then((url) => post(url, body));
  };
  const become = (next, eventType) => {
    if (state === next || state === 'ended') return;
    state = next;
    send(eventType);
  };

  const pings = setInterval(() => send('ping'), 10_000);
  const end = (...types) => {
    if (state === 'ended') return;
    state = 'ended';
    clearInterval(pings);
    for (const type of types) send(type);
  };
  video.addEventListener('playing', () => become('playing', 'play'));
  video.addEventListener('pause', () => !video.ended && become('paused', 'pauseStart'));
  video.addEventListener('seeking', () => become('paused', 'pauseStart'));
  video.addEventListener('waiting', () => !video.seeking && become('buffering', 'bufferStart'));
  video.addEventListener('error', () =>
    send('error', {
      qoeData: { 'media.qoe.errorID': \`media-\${video.error?.code}\`, 'media.qoe.errorSource': 'player' },
    }),
  );
  video.addEventListener('ended', () => end('sessionComplete', 'sessionEnd'));
  addEventListener('pagehide', () => end('sessionEnd'));
  return () => end('sessionEnd');
}

const video = document.querySelector('video');
video.addEventListener('loadedmetadata', () => report(video, { id: 'my-content', name: 'My content' }), { once: true });
`;
}

export interface SdkSetting {
  platform: string;
  setting: string;
  value: string;
}

/** Where players with a media SDK name the collection host. They add the scheme and the path themselves. */
export function sdkSettings(host: string, isTls: boolean): SdkSetting[] {
  return [
    { platform: 'JavaScript 3.x', setting: 'MediaConfig.trackingServer', value: host },
    { platform: 'JavaScript 3.x', setting: 'MediaConfig.ssl', value: String(isTls) },
    { platform: 'iOS, Android', setting: 'media.collectionServer', value: host },
    { platform: 'Roku', setting: 'media.collectionServer', value: host },
    { platform: 'Tags', setting: 'Collection API Server', value: host },
  ];
}
