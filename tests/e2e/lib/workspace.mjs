// What a case runs in: a temporary directory, an environment, and the output of the last command.
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from './server.mjs';

const commandTimeout = 60_000;

export class Failure extends Error {}

export class Workspace {
  last = { command: '', code: null, stdout: '', stderr: '' };
  background = new Map();
  databases = [];
  hidden = []; // files that are not the project's: removed with the workspace

  static async create({ sluice, server, cache }) {
    const self = new Workspace();
    self.server = server;
    self.top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-e2e-'));
    await fs.chmod(self.top, 0o755);
    self.directory = path.join(self.top, 'work');
    const bin = path.join(self.top, 'bin');
    const home = path.join(self.top, 'home');
    for (const directory of [self.directory, bin, home]) await fs.mkdir(directory);
    await fs.symlink(sluice, path.join(bin, 'sluice'));
    await fs.writeFile(path.join(bin, 'as-user'), asUser, { mode: 0o755 });
    const { PATH, LANG, TMPDIR } = process.env;
    self.env = {
      PATH: `${bin}:${PATH}`,
      HOME: home,
      XDG_CACHE_HOME: cache,
      LANG: LANG ?? 'C.UTF-8',
      NO_COLOR: '1',
      SLUICE_ROOT: root,
      ...(TMPDIR ? { TMPDIR } : {}),
    };
    for (const name of Object.keys(process.env))
      if (/^(ASAN|UBSAN|LSAN|TSAN)_OPTIONS$|^SLUICE_PG_BIN$/.test(name)) self.env[name] = process.env[name];
    return self;
  }

  resolve(name) {
    return path.resolve(this.directory, name);
  }

  async write(name, text) {
    await fs.mkdir(path.dirname(this.resolve(name)), { recursive: true });
    await fs.writeFile(this.resolve(name), text);
  }

  // $NAME and ${NAME} of the case's environment.
  expand(text) {
    return text.replace(/\$\{?([A-Z_]+)\}?/g, (whole, name) =>
      name === 'WORK' ? this.directory : (this.env[name] ?? whole));
  }

  // Those with drizzle-kit and drizzle-orm 0.x, or 1.0 ('1').
  async linkNodeModules(version = '') {
    const link = this.resolve('node_modules');
    const target = path.join(root, 'tests', version === '1' ? 'drizzle-1/node_modules' : 'node_modules');
    if ((await fs.readlink(link).catch(() => '')) === target) return;
    await fs.rm(link, { force: true });
    await fs.symlink(target, link);
  }

  // Starts a shell command in a process group of its own, as a terminal would.
  spawn(command, { input } = {}) {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: this.directory,
      env: this.env,
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const run = { command, pid: child.pid, stdout: '', stderr: '', code: null, ended: false };
    child.stdout.setEncoding('utf8').on('data', (text) => (run.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (run.stderr += text));
    if (input !== undefined) child.stdin.end(input);
    run.child = child;
    run.signal = (name) => {
      try {
        process.kill(-child.pid, name);
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    };
    run.done = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        run.stderr += `\n[the test killed it after ${commandTimeout / 1000} s]`;
        run.signal('SIGKILL');
      }, commandTimeout);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        run.ended = true;
        run.code = code ?? 128 + os.constants.signals[signal];
        resolve(run);
      });
    });
    return run;
  }

  async run(command, options) {
    this.last = await this.spawn(command, options).done;
    return this.last;
  }

  async remove() {
    for (const run of this.background.values())
      if (!run.ended) {
        run.signal('SIGKILL');
        await run.done;
      }
    for (const { name, server } of this.databases) await server.dropDatabase(name);
    await fs.rm(this.top, { recursive: true, force: true });
  }
}

// As an ordinary user: the files of the case are root's when the tests are run by root.
const asUser = `#!/bin/sh
if [ "$(id -u)" = 0 ]; then
  exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
fi
exec "$@"
`;
