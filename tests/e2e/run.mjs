#!/usr/bin/env node
// Runs the end-to-end cases: every file of cases/ is a script against the real binary and a real server.
//
//   node tests/e2e/run.mjs [--filter TEXT] [--keep] [--jobs N] [FILE …]
//
// $SLUICE is the binary (default build/release/sluice, else build/dev/sluice); $SLUICE_TEST_URL a server that may be
// used instead of a fresh one. --keep leaves the directories and databases of failed cases.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { citusBinaries } from './lib/citus.mjs';
import { readScript } from './lib/script.mjs';
import { findSluice, root, Server } from './lib/server.mjs';
import { verbs } from './lib/verbs.mjs';
import { Failure, Workspace } from './lib/workspace.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    filter: { type: 'string' },
    keep: { type: 'boolean' },
    jobs: { type: 'string', default: String(Math.min(4, os.cpus().length)) },
  },
});

async function runCase(file, surroundings) {
  const { steps, files } = await readScript(file);
  const workspace = await Workspace.create(surroundings);
  let failure = null;
  let skipped = null;
  const todo = steps.find(({ verb }) => verb === 'todo')?.rest;
  try {
    const use = steps.filter(({ verb }) => verb === 'use');
    for (const { rest } of use) await verbs.use(rest, workspace);
    for (const [name, text] of files) await workspace.write(name, text);
    for (const { verb, rest, line } of steps) {
      if (verb === 'use' || verb === 'todo') continue;
      if (verb === 'needs-root' || verb === 'needs-user') {
        if ((process.getuid() === 0) === (verb === 'needs-root')) continue;
        skipped = verb;
        break;
      }
      if (verb === 'citus' && !citusBinaries()) {
        skipped = 'Citus is not installed (docs/citus.md)';
        break;
      }
      if (!verbs[verb]) throw new Failure(`${path.basename(file)}:${line}: unknown verb '${verb}'`);
      try {
        await verbs[verb](rest, workspace);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        throw new Failure(`${path.relative(root, file)}:${line}: ${verb} ${rest}\n  ${error.message}`);
      }
    }
  } catch (error) {
    failure = error instanceof Failure ? error.message : error.stack;
  }
  if (failure && options.keep) failure += `\n  kept: ${workspace.top}, ${workspace.env.DATABASE_URL ?? 'no database'}`;
  else await workspace.remove();
  if (!todo) return { failure, skipped };
  return failure ? { todo } : { failure: `it passes: take out 'todo ${todo}'` };
}

async function main() {
  const directory = path.join(root, 'tests/e2e/cases');
  const all = positionals.length
    ? positionals.map((file) => path.resolve(file))
    : (await fs.readdir(directory)).sort().map((name) => path.join(directory, name));
  const queue = all.filter((file) => file.endsWith('.txt') && (!options.filter || path.basename(file).includes(options.filter)));
  const cache = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-cache-'));
  await fs.chmod(cache, 0o1777);
  const sluice = findSluice();
  const server = await Server.start();
  const count = { passed: 0, failed: 0, skipped: 0 }; // skipped: not here, or not yet
  const finish = async () => {
    if (!(options.keep && count.failed)) await server.stop();
    else console.log(`kept: the server ${server.url}`);
    await fs.rm(cache, { recursive: true, force: true });
  };
  process.once('SIGINT', () => finish().then(() => process.exit(130)));

  const waiting = [...queue];
  await Promise.all(
    Array.from({ length: Number(options.jobs) }, async () => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        const began = Date.now();
        const { failure, skipped, todo } = await runCase(file, { sluice, server, cache });
        const name = path.basename(file, '.txt');
        const seconds = ((Date.now() - began) / 1000).toFixed(1);
        if (failure) console.log(`not ok ${name} (${seconds} s)\n${failure.replace(/^/gm, '    ')}`);
        else if (todo) console.log(`ok ${name} # to do: ${todo}`);
        else if (skipped) console.log(`ok ${name} # skipped: ${skipped}`);
        else console.log(`ok ${name} (${seconds} s)`);
        count[failure ? 'failed' : skipped || todo ? 'skipped' : 'passed']++;
      }
    }),
  );
  await finish();
  console.log(`${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ''}`);
  if (count.failed || count.passed === 0) process.exitCode = count.skipped && !count.failed ? 77 : 1; // 77: ctest's word for skipped
}

await main();
