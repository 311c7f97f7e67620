#!/usr/bin/env node
// A live database of so many tables: push with nothing to do, and pull, against drizzle-kit 0.31.11 and pg_dump -s, in one
// run, taking turns. Whole processes, as a Markdown table.
//
//   node bench/live.mjs [--runs 3] [--tables 50,500,5000] [--kit-up-to 500]
//
// drizzle-kit asks for each table by itself: above so many it is left out.
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findSluice, root, Server } from '../tests/e2e/lib/server.mjs';
import { writeProject } from './lib/project.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    tables: { type: 'string', default: '50,500,5000' },
    'kit-up-to': { type: 'string', default: '500' },
  },
});
const nodeModules = path.join(root, 'tests/node_modules');
const sluice = findSluice();
const kit = [process.execPath, path.join(nodeModules, 'drizzle-kit/bin.cjs')];
const top = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'));
const output = path.join(top, 'output.txt');

// { wall, cpu } in seconds, { peak } in MiB.
async function measure(command, cwd, env, expect = '') {
  const child = spawn('perl', [path.join(root, 'bench/lib/measure.pl'), output, ...command], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [code, wall, cpu, peak] = text.trim().split(' ').map(Number);
  const printed = await fs.readFile(output, 'utf8');
  if (code !== 0 || !printed.includes(expect)) throw new Error(`${command.join(' ')}: exit ${code}, expected '${expect}'\n${printed}`);
  return { wall, cpu, peak: peak / 1024 };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

const server = await Server.start({ locks: 1024 });  // 5,000 tables are pushed in one transaction
console.log('| tables | what | program | wall | CPU of the client | memory |\n|---|---|---|---|---|---|');
try {
  for (const tables of options.tables.split(',').map(Number)) {
    const project = path.join(top, `project-${tables}`);
    await writeProject(project, tables, nodeModules);
    const { url, name } = await server.createDatabase();
    const env = { DATABASE_URL: url };
    await measure([sluice, 'push'], project, env, 'Changes applied');
    const withKit = tables <= Number(options['kit-up-to']);
    const pull = async (program, n) => {
      const directory = path.join(top, `pull-${tables}-${n}-${program[0] === sluice ? 'sluice' : 'kit'}`);
      await fs.mkdir(directory);
      await fs.symlink(nodeModules, path.join(directory, 'node_modules'));
      await fs.writeFile(path.join(directory, 'drizzle.config.json'), JSON.stringify({ dialect: 'postgresql', out: './drizzle', dbCredentials: { url } }));
      return await measure([...program, 'pull'], directory, env);
    };
    const rows = [
      ['push, nothing to do', 'sluice', () => measure([sluice, 'push'], project, env, 'No changes detected')],
      ...(withKit ? [['push, nothing to do', 'drizzle-kit', () => measure([...kit, 'push'], project, env, 'No changes detected')]] : []),
      ['pull', 'sluice', (n) => pull([sluice], n)],
      ...(withKit ? [['pull', 'drizzle-kit', (n) => pull(kit, n)]] : []),
      ['pg_dump -s', 'pg_dump', () => measure(['pg_dump', '-s', '-d', url], top, env)],
    ];
    const samples = rows.map(() => []);
    for (let n = 0; n < Number(options.runs); n++) for (const [i, row] of rows.entries()) samples[i].push(await row[2](n));
    for (const [i, [what, program]] of rows.entries()) {
      const of = (key) => median(samples[i].map((sample) => sample[key]));
      console.log(`| ${tables} | ${what} | ${program} | ${of('wall').toFixed(2)} s | ${of('cpu').toFixed(2)} s | ${of('peak').toFixed(0)} MiB |`);
    }
    await server.dropDatabase(name);
  }
} finally {
  await server.stop();
  await fs.rm(top, { recursive: true, force: true });
}
