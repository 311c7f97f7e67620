// The PostgreSQL server that tests share: $SLUICE_TEST_URL, or one that `sluice db start` makes in a temporary
// directory and `sluice db stop` ends. Every test takes a database of its own from it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

// Results are compared as the text that PostgreSQL sends.
const asText = { getTypeParser: () => (text) => text };

export function findSluice() {
  const candidates = process.env.SLUICE
    ? [path.resolve(process.env.SLUICE)]
    : ['release', 'dev'].map((preset) => path.join(root, 'build', preset, 'sluice'));
  const found = candidates.find((file) => existsSync(file));
  if (!found) throw new Error(`no sluice binary: looked for ${candidates.join(', ')}; set SLUICE to its path`);
  return found;
}

export async function freePort() {
  return await new Promise((resolve, reject) => {
    const listener = net.createServer();
    listener.on('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

export async function query(url, text) {
  const client = new pg.Client({ connectionString: url, types: asText });
  await client.connect();
  try {
    const result = await client.query({ text, rowMode: 'array' });
    const last = Array.isArray(result) ? result.at(-1) : result;
    return last.rows ?? [];
  } finally {
    await client.end();
  }
}

export function binariesOf(major) {
  // tools/test may have put npm's elsewhere.
  const moved = process.env[`SLUICE_TEST_POSTGRES_${major}`];
  const places = [...(moved ? [moved] : []), path.join(root, `tests/node_modules/postgres-${major}/native/bin`), `/usr/lib/postgresql/${major}/bin`];
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error(`no PostgreSQL ${major}: looked for ${places.join(', ')}`);
  return found;
}

export class Server {
  #made = 0;
  #databases = new Set();
  #another;
  #cluster;

  constructor(url, stop) {
    this.url = url;
    this.stopServer = stop;
  }

  // `locks`: how many tables and indexes one transaction may touch for each connection (PostgreSQL's default is 64).
  // `connections`: how many it takes (PostgreSQL's default is 100).
  // `major`: of PostgreSQL; the npm package postgres-<major> of tests/, else Debian's. Otherwise the one that sluice finds.
  static async start({ durable = false, locks, connections, major } = {}) {
    if (process.env.SLUICE_TEST_URL) return new Server(process.env.SLUICE_TEST_URL, () => {});
    const sluice = findSluice();
    const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-server-'));
    await fs.chmod(directory, 0o755); // `db start` as root runs the server as another user
    const port = await freePort();
    const where = ['--port', String(port), '--data', path.join(directory, 'data')];
    const env = major ? { ...process.env, SLUICE_PG_BIN: binariesOf(major) } : process.env;
    const begin = async () => {
      const started = spawnSync(sluice, ['db', 'start', ...where], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env });
      if (started.status === 0) return;
      await fs.rm(directory, { recursive: true, force: true });
      throw new Error(`sluice db start failed (${started.status})\n${started.stdout}${started.stderr}`);
    };
    await begin();
    const url = `postgresql://postgres:postgres@localhost:${port}/postgres`;
    const version = Number((await query(url, 'show server_version_num'))[0][0]);
    if (major && Math.floor(version / 10000) !== Number(major)) throw new Error(`asked for PostgreSQL ${major}, got ${version}`);
    // The tests' data need not survive a power cut; making and dropping databases is ten times faster so.
    for (const setting of durable ? [] : ['fsync', 'synchronous_commit', 'full_page_writes'])
      await query(url, `alter system set ${setting} = off`);
    await query(url, 'select pg_reload_conf()');
    if (locks || connections) {
      if (locks) await query(url, `alter system set max_locks_per_transaction = ${locks}`);
      if (connections) await query(url, `alter system set max_connections = ${connections}`);
      spawnSync(sluice, ['db', 'stop', ...where], { stdio: 'ignore' });
      await begin();
    }
    return new Server(url, async () => {
      spawnSync(sluice, ['db', 'stop', ...where], { stdio: 'ignore' });
      await fs.rm(directory, { recursive: true, force: true });
    });
  }

  // A second server, started when it is first asked for. It takes more clients at once than the first.
  another() {
    this.#another ??= Server.start({ connections: 300 });
    return this.#another;
  }

  // A Citus cluster, likewise.
  cluster() {
    this.#cluster ??= import('./citus.mjs').then(({ Cluster }) => Cluster.start());
    return this.#cluster;
  }

  async createDatabase({ template } = {}) {
    const name = `sluice_test_${process.pid}_${++this.#made}`;
    await query(this.url, `create database ${name}${template ? ` template ${template}` : ''}`);
    this.#databases.add(name);
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    return { name, url: url.href };
  }

  async dropDatabase(name) {
    if (!this.#databases.delete(name)) return;
    await query(this.url, `drop database if exists ${name} with (force)`);
    const copies = `select datname from pg_database where datname ~ '^sluice_(fork|template|snapshot)_${name}[_:]'`;
    for (const [copy] of await query(this.url, copies)) await query(this.url, `drop database if exists "${copy}" with (force)`);
  }

  async stop() {
    for (const name of [...this.#databases]) await this.dropDatabase(name).catch(() => {});
    await (await this.#another)?.stop();
    await (await this.#cluster?.catch(() => null))?.stop();
    await this.stopServer();
  }
}
