// A real `playhead serve` for the duration of a test.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { eventually } from './bounded.mjs';

const TOKEN = 'browser-test-admin-token';

export class PlayheadServer {
  /** Starts a server with an empty data directory on a free port. `flags` come after those that every test needs. */
  static async start(...flags) {
    const server = new PlayheadServer();
    const command = binary();
    server.data = mkdtempSync(join(tmpdir(), 'playhead-browser-'));
    const args = ['serve', '--listen', '127.0.0.1:0', '--data', server.data, '--admin-token', TOKEN, ...flags];
    // The server refuses unknown variables with its prefix, and must not inherit settings of this machine.
    const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('PLAYHEAD_'));
    server.output = '';
    server.process = spawn(command, args, {
      env: Object.fromEntries(environment),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    server.process.on('error', (error) => { server.output += error; });
    for (const stream of [server.process.stdout, server.process.stderr]) {
      stream.on('data', (text) => { server.output += text; });
    }
    process.on('exit', server.leaveNothing);
    try {
      await eventually('the server says where it listens', () => server.readAddress());
    } catch (error) {
      await server.stop();
      throw new Error(`${error.message}\n${server.output}`);
    }
    return server;
  }

  readAddress() {
    if (this.hasEnded()) throw new Error('the server ended at once');
    const address = this.output.match(/\bcollection\s+((http:\/\/[^/\s]+)\S*)\s/);
    if (!address) return undefined;
    [, this.collection, this.base] = address;
    return this.base;
  }

  hasEnded() {
    const { pid, exitCode, signalCode } = this.process;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  /** The row of a session with its ads, chapters and errors, once it is closed. */
  async closedSession(id) {
    return eventually(`session ${id} closes`, async () => {
      const answer = await fetch(`${this.base}/reports/v1/sessions/${id}`, {
        headers: { Authorization: `Bearer ${TOKEN}` },
      });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      const row = await answer.json();
      return row.is_open ? undefined : row;
    });
  }

  /** A counter of `/metrics`. */
  async counter(name) {
    const answer = await fetch(`${this.base}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } });
    const line = (await answer.text()).split('\n').find((text) => text.startsWith(`${name} `));
    return Number(line.split(' ')[1]);
  }

  /** Ends the process, by force when it does not end by itself, and removes its data. */
  async stop() {
    if (!this.hasEnded()) {
      this.process.kill('SIGTERM');
      await eventually('the server ends', () => this.hasEnded() || undefined, 15_000).catch(() => {});
    }
    this.leaveNothing();
    process.off('exit', this.leaveNothing);
  }

  /** Ends what still runs and removes the data, at once: for an early exit of the tests. */
  leaveNothing = () => {
    if (!this.hasEnded()) this.process.kill('SIGKILL');
    rmSync(this.data, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** PLAYHEAD_BIN, else what was built last. */
function binary() {
  const named = process.env.PLAYHEAD_BIN;
  if (named && !existsSync(named)) throw new Error(`PLAYHEAD_BIN is ${named}, which does not exist`);
  if (named) return named;
  const built = ['release', 'debug']
    .map((profile) => fileURLToPath(new URL(`../target/${profile}/playhead`, import.meta.url)))
    .filter((path) => existsSync(path))
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  if (built.length === 0) throw new Error('no playhead binary: run `cargo build --package playhead`');
  return built[0];
}
