// A Citus cluster on this machine: a coordinator and two workers, of Debian's PostgreSQL with Citus installed for it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, query } from './server.mjs';

// The newest installation with Citus, or nothing. $SLUICE_TEST_CITUS names the directory of another one's programs.
export function citusBinaries() {
  if (process.env.SLUICE_TEST_CITUS) return process.env.SLUICE_TEST_CITUS;
  const debian = '/usr/share/postgresql';
  const majors = existsSync(debian) ? readdirSync(debian).map(Number).filter(Boolean).sort((a, b) => b - a) : [];
  const major = majors.find((each) => existsSync(`${debian}/${each}/extension/citus.control`));
  return major && `/usr/lib/postgresql/${major}/bin`;
}

// PostgreSQL does not run as root.
function otherUser() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export class Cluster {
  #directory;
  #servers = [];
  #ports = [];
  #made = 0;

  static async start() {
    const cluster = new Cluster();
    try {
      await cluster.#start(citusBinaries());
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async #start(binaries) {
    const user = otherUser();
    this.#directory = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-citus-'));
    if (user.uid !== undefined) await fs.chown(this.#directory, user.uid, user.gid);
    const run = { ...user, cwd: this.#directory, stdio: 'ignore' };
    // Settings for three servers on one small machine.
    const settings = ['shared_preload_libraries=citus', 'listen_addresses=127.0.0.1', `unix_socket_directories=${this.#directory}`, 'wal_level=logical',
      'fsync=off', 'shared_buffers=32MB', 'citus.shard_count=4', 'citus.node_conninfo=sslmode=prefer', 'citus.enable_statistics_collection=off'];
    const begin = async (name) => {
      const data = path.join(this.#directory, name);
      execFileSync(path.join(binaries, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'], run);
      const port = await freePort();
      const log = await fs.open(path.join(this.#directory, `${name}.log`), 'w');
      const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
      this.#servers.push(spawn(path.join(binaries, 'postgres'), args, { ...run, stdio: ['ignore', log.fd, log.fd] }));
      await log.close();
      return port;
    };
    for (const name of ['coordinator', 'worker-1', 'worker-2']) this.#ports.push(await begin(name));
    for (const port of this.#ports)
      for (const end = Date.now() + 60_000; ; await sleep(50))
        try {
          await query(this.#url(port, 'postgres'), 'select 1');
          break;
        } catch (error) {
          if (Date.now() > end) throw error;
        }
  }

  #url(port, database) {
    return `postgresql://postgres@127.0.0.1:${port}/${database}`;
  }

  // A database on all three; the address is the coordinator's.
  async createDatabase() {
    const name = `cluster_${++this.#made}`;
    for (const port of this.#ports) {
      await query(this.#url(port, 'postgres'), `create database ${name}`);
      await query(this.#url(port, name), 'create extension citus');
    }
    const [coordinator, ...workers] = this.#ports;
    const url = this.#url(coordinator, name);
    await query(url, `select citus_set_coordinator_host('127.0.0.1', ${coordinator})`);
    for (const worker of workers) await query(url, `select citus_add_node('127.0.0.1', ${worker})`);
    return { name, url, workers: workers.map((port) => this.#url(port, name)) };
  }

  async dropDatabase() {} // it goes with the cluster

  async stop() {
    const ended = this.#servers.map((server) => (server.exitCode ?? server.signalCode) !== null || new Promise((resolve) => server.on('exit', resolve)));
    for (const server of this.#servers) server.kill('SIGQUIT');
    await Promise.all(ended);
    if (this.#directory) await fs.rm(this.#directory, { recursive: true, force: true });
  }
}
