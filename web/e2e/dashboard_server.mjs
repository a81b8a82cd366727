// A real `playhead serve` with generated tables, which can be killed and started again at the same address.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { eventually } from '../../browser/bounded.mjs';

export const TOKENS = { admin: 'dashboard-test-admin-token', read: 'dashboard-test-read-token' };

/** The days that the generated sessions are of; the last one is included. */
export const LAKE_DAYS = { first: '2026-01-01', last: '2026-01-20', after: '2026-01-21' };
const LAKE = ['lake', '--sessions', '5000', '--days', '20', '--events', '500'];

export class DashboardServer {
  /**
   * Starts a server on a free port. `isEmpty` leaves out the generated tables; `flags` come after those that every test
   * needs.
   */
  static async start({ isEmpty = false, flags = [] } = {}) {
    const server = new DashboardServer();
    server.data = mkdtempSync(join(tmpdir(), 'playhead-dashboard-'));
    process.on('exit', server.leaveNothing);
    if (!isEmpty) cpSync(generatedLake(), join(server.data, 'lake'), { recursive: true });
    server.flags = flags;
    await server.run('127.0.0.1:0');
    return server;
  }

  async run(listen) {
    const args = ['serve', '--listen', listen, '--data', this.data, '--admin-token', TOKENS.admin,
      '--read-token', TOKENS.read, '--reorder-window', '500ms', '--time-zone', 'Europe/Berlin', '--idle-timeout', '30m', ...this.flags];
    this.output = '';
    this.base = undefined;
    this.process = spawn(binary('playhead'), args, {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.on('error', (error) => { this.output += error; });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on('data', (text) => { this.output += text; });
    }
    try {
      await eventually('the server says where it listens', () => this.readAddress());
      // It listens before it takes events: on a busy machine the first of them came too early.
      await eventually('the server takes events', async () => (await fetch(`${this.base}/readyz`)).ok || undefined);
    } catch (error) {
      await this.stop();
      throw new Error(`${error.message}\n${this.output}`);
    }
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

  /** The answer of a report, parsed. With a body the call is a POST. */
  async report(path, body) {
    const answer = await fetch(`${this.base}/reports/v1${path}`, {
      headers: { Authorization: `Bearer ${TOKENS.admin}`, 'Content-Type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Logs in as the page does; the raw `Set-Cookie` of the answer. */
  async logIn(role) {
    const answer = await fetch(`${this.base}/reports/v1/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Playhead-Request': 'dashboard' },
      body: JSON.stringify({ token: TOKENS[role] }),
    });
    if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`);
    return answer.headers.getSetCookie()[0];
  }

  /** Ends the process as a power cut would. */
  async kill() {
    this.process.kill('SIGKILL');
    await eventually('the server is gone', () => this.hasEnded() || undefined);
  }

  /** Starts it again with the same data, at the same address. */
  async startAgain() {
    await this.run(new URL(this.base).host);
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

  leaveNothing = () => {
    if (this.process && !this.hasEnded()) this.process.kill('SIGKILL');
    rmSync(this.data, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** Without variables of Playhead: it refuses those that it does not know, and must not take over settings of this machine. */
export function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PLAYHEAD_')));
}

/** PLAYHEAD_BIN and PLAYHEAD_BENCH_BIN, else what was built last. */
export function binary(name) {
  const variable = `${name.toUpperCase().replaceAll('-', '_')}_BIN`;
  const named = process.env[variable];
  if (named && !existsSync(named)) throw new Error(`${variable} is ${named}, which does not exist`);
  if (named) return named;
  const built = ['release', 'debug']
    .map((profile) => fileURLToPath(new URL(`../../target/${profile}/${name}`, import.meta.url)))
    .filter((path) => existsSync(path))
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  if (built.length === 0) throw new Error(`no ${name} binary: run \`cargo build --package ${name}\``);
  return built[0];
}

/** The directory of generated tables. They are the same for the same binary, and so are made once for each. */
function generatedLake() {
  const bench = binary('playhead-bench');
  const { mtimeMs, size } = statSync(bench);
  const key = [...LAKE.slice(1), size, Math.round(mtimeMs)].join(' ').replace(/[^0-9a-z]+/g, '-');
  const lake = fileURLToPath(new URL(`../node_modules/.cache/dashboard-lake/${key}`, import.meta.url));
  if (existsSync(lake)) return lake;
  rmSync(dirname(lake), { recursive: true, force: true });
  mkdirSync(dirname(lake), { recursive: true });
  const unfinished = `${lake}.unfinished`;
  const { status, stderr, error } = spawnSync(bench, [...LAKE, '--out', unfinished], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the tables cannot be generated: ${error ?? stderr}`);
  renameSync(unfinished, lake);
  return lake;
}
