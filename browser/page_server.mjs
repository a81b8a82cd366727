// Serves the player's page and the clip like a site does: from another origin than that of the collection.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';

const FILES = {
  '/blank.html': 'text/html; charset=utf-8',
  '/player.html': 'text/html; charset=utf-8',
  '/player.js': 'text/javascript; charset=utf-8',
  '/reporter.js': 'text/javascript; charset=utf-8',
  '/rough_network.js': 'text/javascript; charset=utf-8',
  '/clip.js': 'text/javascript; charset=utf-8',
};

export class PageServer {
  static async start() {
    const pages = new PageServer();
    pages.server = createServer((request, response) => {
      pages.answer(request, response).catch((error) => response.destroy(error));
    });
    await new Promise((resolve, reject) => {
      pages.server.on('error', reject).listen(0, '127.0.0.1', resolve);
    });
    pages.origin = `http://127.0.0.1:${pages.server.address().port}`;
    return pages;
  }

  /** From now on `/clip.webm` is this clip. Of `/stalling.webm` nothing comes after `stallSecond` until it may. */
  offerClip({ bytes, secondStarts }, stallSecond) {
    this.clip = Buffer.from(bytes);
    this.stallAt = secondStarts[stallSecond];
    this.stallIsOver = new Promise((resolve) => { this.endStall = resolve; });
  }

  async answer(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    if (pathname === '/clip.webm') return this.sendClip(request, response, Infinity);
    if (pathname === '/stalling.webm') return this.sendClip(request, response, this.stallAt);
    const type = FILES[pathname];
    const body = type ? await readFile(new URL(`.${pathname}`, import.meta.url)) : '';
    response.writeHead(type ? 200 : 404, { 'Content-Type': type ?? 'text/plain', 'Cache-Control': 'no-store' });
    response.end(body);
  }

  async sendClip(request, response, stallAt) {
    const range = request.headers.range?.match(/^bytes=(\d+)-(\d*)$/);
    const from = range ? Number(range[1]) : 0;
    const to = range?.[2] ? Number(range[2]) + 1 : this.clip.length;
    response.writeHead(range ? 206 : 200, {
      'Content-Type': 'video/webm',
      'Content-Length': to - from,
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'no-store',
      ...(range && { 'Content-Range': `bytes ${from}-${to - 1}/${this.clip.length}` }),
    });
    const split = Math.min(Math.max(from, stallAt), to);
    response.write(this.clip.subarray(from, split));
    if (split < to) await this.stallIsOver;
    response.end(this.clip.subarray(split, to));
  }

  async stop() {
    this.endStall?.();
    const closed = new Promise((resolve) => { this.server.close(resolve); });
    this.server.closeAllConnections();
    await closed;
  }
}
