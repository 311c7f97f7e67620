// examples/scheduler-cpp with an installed package: built, its schema compared with the folder that TypeScript wrote, its
// tests and the service itself on a server.
//
//   node tests/typed/example.mjs BUILD_DIRECTORY COMPILER
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { root, Server } from '../e2e/lib/server.mjs';

const [build, compiler] = process.argv.slice(2);
const example = path.join(root, 'examples/scheduler-cpp');
const work = path.join(build, 'scheduler-cpp');
const prefix = path.join(work, 'prefix');
const run = (program, args, options = {}) => {
  const done = spawnSync(program, args, { encoding: 'utf8', ...options, env: { ...process.env, NO_COLOR: '1', ...options.env } });
  const text = (done.stdout ?? '') + (done.stderr ?? '');
  assert.equal(done.status, 0, `${program} ${args.join(' ')}\n${done.error ?? ''}${text}`);
  return text;
};

rmSync(work, { recursive: true, force: true });
run('cmake', ['--install', build, '--prefix', prefix]);
run('cmake', ['-G', 'Ninja', '-S', example, '-B', path.join(work, 'build'), '-D', `CMAKE_CXX_COMPILER=${compiler}`, '-D', `CMAKE_PREFIX_PATH=${prefix}`]);
run('cmake', ['--build', path.join(work, 'build'), '--parallel', '2']);

const sluice = path.join(prefix, 'bin/sluice');
const folder = path.join(root, 'examples/tutoring/packages/database/src/migrations');
run(sluice, ['diff', folder, `cpp:${path.join(work, 'build/scheduler_schema')}`, '--exit-code']);

const server = await Server.start();
try {
  const { url } = await server.createDatabase();
  run(path.join(work, 'build/scheduler_test'), [], { env: { DATABASE_URL: url } });
  assert.match(run(path.join(work, 'build/scheduler'), [url]), /^Test Tutor: \d scheduled$/m);
  const { url: fresh } = await server.createDatabase();
  assert.match(run(path.join(work, 'build/scheduler'), [fresh]), /^applied 0000_init\napplied 0001_\w+\napplied 0002_\w+\n0 tutors\n$/);
} finally {
  await server.stop();
}
// A service does not carry the engine that reads TypeScript, nor esbuild.
const symbols = run('nm', ['-C', path.join(work, 'build/scheduler')], { maxBuffer: 1 << 28 });
assert.ok(!/esbuild|quickjs|JS_NewRuntime/i.test(symbols), 'the service has the TypeScript engine in it');
console.log('ok');
