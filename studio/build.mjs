// Builds the page and packs its files into one, which the program embeds. Does nothing if the sources are those of the
// last time: cmake/studio.cmake calls it from every build directory.
//
//   node studio/build.mjs DIRECTORY     writes DIRECTORY/studio.pack
//
// The pack: lines "path<TAB>type<TAB>bytes", an empty line, the files one after the other. All but index.html are
// compressed by gzip.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const source = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(source, '../build/studio'));
const pack = path.join(out, 'studio.pack');
const stamp = path.join(out, 'stamp');

function filesUnder(directory) {
  return fs
    .readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(directory, entry.name);
      return entry.isDirectory() ? filesUnder(file) : [file];
    });
}

function stateOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(path.relative(source, file)).update('\0').update(fs.readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function run(command, args, directory) {
  const result = spawnSync(command, args, { cwd: directory, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
  throw new Error(`${path.basename(command)} ${args.join(' ')} failed`);
}

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function packed(directory) {
  const files = filesUnder(directory).map((file) => {
    const content = fs.readFileSync(file);
    const type = types[path.extname(file)];
    if (!type) throw new Error(`no type is known for ${file}`);
    return { name: `/${path.relative(directory, file)}`, type, content: file.endsWith('.html') ? content : gzipSync(content, { level: 9 }) };
  });
  const table = files.map(({ name, type, content }) => `${name}\t${type}\t${content.length}`).join('\n');
  return Buffer.concat([Buffer.from(`${table}\n\n`), ...files.map(({ content }) => content)]);
}

// One build at a time: two build directories share what is made here.
async function locked(work) {
  const lock = path.join(out, '.lock');
  for (;;) {
    try {
      fs.mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const age = Date.now() - (fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      if (age > 300_000) fs.rmSync(lock, { recursive: true, force: true }); // of one that was killed
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  const release = () => fs.rmSync(lock, { recursive: true, force: true });
  process.once('SIGINT', () => (release(), process.exit(130)));
  process.once('SIGTERM', () => (release(), process.exit(143)));
  try {
    work();
  } finally {
    release();
  }
}

fs.mkdirSync(out, { recursive: true });
await locked(() => {
  const state = stateOf(filesUnder(source));
  const now = new Date();
  if (fs.existsSync(pack) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === state) {
    fs.utimesSync(pack, now, now);
    return;
  }
  const installed = path.join(source, 'node_modules/.installed-lock');
  const lockFile = fs.readFileSync(path.join(source, 'package-lock.json'), 'utf8');
  if (!fs.existsSync(installed) || fs.readFileSync(installed, 'utf8') !== lockFile) {
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], source);
    fs.writeFileSync(installed, lockFile);
  }
  const bin = path.join(source, 'node_modules/.bin');
  run(path.join(bin, 'tsc'), ['--noEmit'], source);
  run(path.join(bin, 'vite'), ['build', '--outDir', path.join(out, 'dist'), '--emptyOutDir', '--logLevel', 'warn'], source);
  const temporary = `${pack}.${process.pid}`;
  fs.writeFileSync(temporary, packed(path.join(out, 'dist')));
  fs.renameSync(temporary, pack);
  fs.writeFileSync(stamp, state);
});
