#!/usr/bin/env node
// Runs the program of the platform's package; its exit code is ours.
const { spawn } = require('node:child_process');

const platform = `@sluice/${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${platform}/bin/sluice`);
} catch {
  console.error(
    `error: the package ${platform}, which has the program, is not installed\n` +
      (process.platform === 'linux' && process.arch === 'x64'
        ? '  hint: optional dependencies were left out; install without --omit=optional'
        : '  hint: there are packages for Linux on x86-64 only'),
  );
  process.exit(1);
}
const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' });
// Ctrl-C reaches both of us; the program ends in its own time.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (error) => {
  console.error(`error: ${program} cannot be started: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + require('node:os').constants.signals[signal] : code;
});
