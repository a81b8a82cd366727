// Makes the test clip: a WebM file with an exact length, a picture that moves, and a key frame at the start of each
// second. It runs in the browser, whose encoder it uses, so that the sources need no media file.

const WIDTH = 320;
const HEIGHT = 180;
const FRAMES_PER_SECOND = 10;

// Bytes of each second. A browser passes on what it downloads in blocks of 32 KiB, so a second must be larger than that
// if a download is to be held up at a certain second.
const BYTES_PER_SECOND = 64 * 1024;

/**
 * Makes a clip of a whole number of seconds.
 *
 * @param {number} seconds
 * @returns {Promise<{bytes: Uint8Array, secondStarts: number[]}>} the file, and the place of each second in it
 */
export async function makeClip(seconds) {
  return asWebm(await encode(seconds), seconds);
}

/** Encodes the frames; resolves to one list of encoded frames for each second. */
async function encode(seconds) {
  const framesOfSeconds = Array.from({ length: seconds }, () => []);
  let failure;
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      const atMs = chunk.timestamp / 1000;
      framesOfSeconds[Math.floor(atMs / 1000)].push({ atMs, isKey: chunk.type === 'key', data });
    },
    error: (error) => { failure = error; },
  });
  encoder.configure({ codec: 'vp8', width: WIDTH, height: HEIGHT, bitrate: 300_000, framerate: FRAMES_PER_SECOND });
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  for (let number = 0; number < seconds * FRAMES_PER_SECOND; number += 1) {
    paint(canvas.getContext('2d'), number);
    const frame = new VideoFrame(canvas, { timestamp: number * 1_000_000 / FRAMES_PER_SECOND });
    encoder.encode(frame, { keyFrame: number % FRAMES_PER_SECOND === 0 });
    frame.close();
  }
  await encoder.flush();
  encoder.close();
  if (failure) throw failure;
  return framesOfSeconds;
}

/** A clock face and the number of the frame, on a colour that changes each second. */
function paint(context, number) {
  const seconds = number / FRAMES_PER_SECOND;
  context.fillStyle = `hsl(${Math.floor(seconds) * 47} 60% 40%)`;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.fillStyle = 'white';
  context.font = '32px sans-serif';
  context.fillText(`${seconds.toFixed(1)} s`, 20, 50);
  context.beginPath();
  context.moveTo(220, 90);
  context.arc(220, 90, 60, -Math.PI / 2, -Math.PI / 2 + (seconds % 1) * 2 * Math.PI);
  context.fill();
}

// The rest of this file: the WebM container, as far as it is needed.

function asWebm(framesOfSeconds, seconds) {
  const info = element('1549A966', [
    element('2AD7B1', unsigned(1_000_000, 4)), // one tick is a millisecond
    element('4489', float(seconds * 1000)),
    element('4D80', text('clip.js')),
    element('5741', text('clip.js')),
  ]);
  const tracks = element('1654AE6B', [element('AE', [
    element('D7', unsigned(1, 1)),
    element('73C5', unsigned(1, 1)),
    element('83', unsigned(1, 1)), // video
    element('9C', unsigned(0, 1)),
    element('23E383', unsigned(1e9 / FRAMES_PER_SECOND, 4)), // ns for which a frame is shown, the last one too
    element('86', text('V_VP8')),
    element('E0', [element('B0', unsigned(WIDTH, 2)), element('BA', unsigned(HEIGHT, 2))]),
  ])]);
  const clusters = framesOfSeconds.map(cluster);
  // The index precedes its targets, so its length must not depend on its values: all numbers in it have four bytes.
  const indexLength = index(clusters.map(() => 0)).length;
  let place = info.length + tracks.length + indexLength;
  const places = clusters.map((bytes) => {
    const start = place;
    place += bytes.length;
    return start;
  });
  const segment = element('18538067', [info, tracks, index(places), ...clusters]);
  const head = element('1A45DFA3', [
    element('4286', unsigned(1, 1)),
    element('42F7', unsigned(1, 1)),
    element('42F2', unsigned(4, 1)),
    element('42F3', unsigned(8, 1)),
    element('4282', text('webm')),
    element('4287', unsigned(2, 1)),
    element('4285', unsigned(2, 1)),
  ]);
  const bytes = joined([head, segment]);
  const segmentStart = bytes.length - place;
  return { bytes, secondStarts: places.map((start) => segmentStart + start) };
}

function cluster(frames, second) {
  const blocks = frames.map(({ atMs, isKey, data }) => {
    const sinceStart = unsigned(atMs - second * 1000, 2);
    return element('A3', [Uint8Array.of(0x81), sinceStart, Uint8Array.of(isKey ? 0x80 : 0), data]);
  });
  const framesLength = blocks.reduce((sum, block) => sum + block.length, 0);
  const filler = element('EC', new Uint8Array(Math.max(0, BYTES_PER_SECOND - framesLength)));
  return element('1F43B675', [element('E7', unsigned(second * 1000, 4)), ...blocks, filler]);
}

function index(places) {
  return element('1C53BB6B', places.map((place, second) => element('BB', [
    element('B3', unsigned(second * 1000, 4)),
    element('B7', [element('F7', unsigned(1, 1)), element('F1', unsigned(place, 4))]),
  ])));
}

/** An element of the container: its id, its length in eight bytes, and what it holds. */
function element(id, content) {
  const body = Array.isArray(content) ? joined(content) : content;
  const idBytes = Uint8Array.from(id.match(/../g), (byte) => parseInt(byte, 16));
  const length = unsigned(body.length, 8);
  length[0] = 0x01;
  return joined([idBytes, length, body]);
}

function unsigned(value, length) {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let place = length - 1; place >= 0; place -= 1) {
    bytes[place] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

function float(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

function text(value) {
  return new TextEncoder().encode(value);
}

function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    bytes.set(part, place);
    place += part.length;
  }
  return bytes;
}
