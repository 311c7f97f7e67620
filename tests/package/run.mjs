#!/usr/bin/env node
// What a package has: the program, what it says of itself, and what it is made of. And the image files, as Docker would
// read them.
//
//   node tests/package/run.mjs BUILD_DIRECTORY
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { validate } from 'dockerfile-utils';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const build = path.resolve(process.argv[2]);
const prefix = fs.mkdtempSync(path.join(os.tmpdir(), 'sluice-package-'));
const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', cwd: prefix });
const read = (file) => fs.readFileSync(path.join(prefix, file), 'utf8');
const json = (file) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));

try {
  run('cmake', '--install', build, '--component', 'program', '--prefix', prefix);
  const version = run('bin/sluice', '--version');

  const completion = 'share/bash-completion/completions/sluice';
  run('bash', '-n', completion);
  const words = run('bash', '-c', `source ${completion}; COMP_WORDS=(sluice mig); COMP_CWORD=1; _sluice; echo "\${COMPREPLY[@]}"`);
  assert.match(words, /^migrate\b/, 'bash completes mig');
  assert.match(read('share/zsh/vendor-completions/_sluice'), /^#compdef sluice\n[^]*'generate:/, 'the completion for zsh');
  assert.match(read('share/fish/vendor_completions.d/sluice.fish'), /complete -c sluice .* -a generate /, 'the completion for fish');
  const page = read('share/man/man1/sluice.1');
  assert.match(page, /^\.TH SLUICE 1 /, 'the manual page');
  assert.match(page, /\.SS sluice migrate\n/, 'the manual page knows migrate');

  const bill = JSON.parse(read('share/doc/sluice/sluice.cdx.json'));
  assert.equal(`${bill.bomFormat} ${bill.specVersion}`, 'CycloneDX 1.5');
  assert.ok(version.includes(bill.metadata.component.version), `${version.trim()} is ${bill.metadata.component.version} in the bill of materials`);
  const has = new Set(bill.components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`));
  const declared = { ...json('package.json').dependencies, ...json('studio/package.json').devDependencies };
  for (const name of ['vite', 'typescript', '@types/react', '@types/react-dom']) {
    assert.ok(![...has].some((entry) => entry.startsWith(`${name}@`)), `${name} builds the page and is not in the program`);
    delete declared[name];
  }
  for (const [name, wanted] of Object.entries(declared)) {
    const entry = wanted.startsWith('npm:') ? wanted.slice(4) : `${name}@${wanted}`;
    assert.ok(has.has(entry), `the bill of materials has ${entry}`);
  }
  const references = bill.components.map((component) => component['bom-ref']);
  assert.equal(new Set(references).size, references.length, 'nothing stands in it twice');
  for (const component of bill.components) assert.match(component.purl, /^pkg:(npm|deb)\//, component.name);

  for (const file of fs.readdirSync(path.join(root, 'docker'))) {
    const found = validate(fs.readFileSync(path.join(root, 'docker', file), 'utf8'));
    assert.deepEqual(found.map(({ range, message }) => `docker/${file}:${range.start.line + 1}: ${message}`), []);
  }
  console.log(`a package of ${has.size} parts is complete`);
} finally {
  fs.rmSync(prefix, { recursive: true, force: true });
}
