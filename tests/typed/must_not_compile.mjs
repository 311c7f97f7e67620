// Programs that must not compile, and what the compiler must say: must_not_compile.txt. Each case is a title, one
// statement, and texts that must stand in the first lines of the output; the name of the column is one of them.
//
//   node tests/typed/must_not_compile.mjs COMPILER [part of a title]
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const [compiler, only] = process.argv.slice(2);
const lines_that_count = 18;

// "## title", "code", "> text" …
const cases = readFileSync(path.join(here, 'must_not_compile.txt'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((part) => {
    const lines = part.split('\n').filter((line) => line.trim() !== '');
    return {
      title: lines[0],
      code: lines.slice(1).filter((line) => !line.startsWith('> ')).join('\n'),
      expected: lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2)),
    };
  })
  .filter(({ title }) => !only || title.includes(only));

// For clang a text in a template's arguments is a list of letters.
const spelled = (text) => (text.startsWith('"') ? `<${[...text.slice(1, -1)].map((letter) => `'${letter}'`).join(', ')}>` : text);

const directory = mkdtempSync(path.join(os.tmpdir(), 'sluice-must-not-'));
const flags = ['-std=c++20', '-Wno-missing-field-initializers', '-I', path.join(here, '../../include'), '-I', directory];
const compile = (...args) => spawnSync(compiler, [...flags, ...args], { encoding: 'utf8' });
let failed = 0;
try {
  // The headers once for all.
  const header = path.join(directory, 'case.hpp');
  writeFileSync(header, '#include <memory>\n#include <thread>\n#include "tutoring.hpp"\nusing namespace tutoring;\n');
  copyFileSync(path.join(here, 'tutoring.hpp'), path.join(directory, 'tutoring.hpp'));
  const clang = spawnSync(compiler, ['--version'], { encoding: 'utf8' }).stdout.includes('clang');
  const compiled = header + (clang ? '.pch' : '.gch');
  const head = compile('-x', 'c++-header', header, '-o', compiled);
  if (head.status !== 0) throw new Error(head.stderr);
  const use = clang ? ['-include-pch', compiled] : ['-include', header];

  for (const { title, code, expected } of cases) {
    const file = path.join(directory, 'case.cpp');
    writeFileSync(file, code.includes('template <class M>') ? code : `void f(Database& db, Uuid id, Timestamp at) {\n${code}\n(void)db, (void)id, (void)at;\n}\n`);
    const { status, stderr } = compile(...use, '-fsyntax-only', file);
    const problems = [];
    if (title.startsWith('ok:')) {
      if (status !== 0) problems.push('does not compile');
    } else {
      if (status === 0) problems.push('compiles');
      // A template's name in one line may be long: what counts is where it stands.
      const first = stderr.split('\n').slice(0, lines_that_count).join('\n');
      for (const text of expected) if (!first.includes(text) && !(clang && first.includes(spelled(text)))) problems.push(`the first ${lines_that_count} lines do not say '${text}'`);
    }
    if (problems.length === 0) continue;
    failed++;
    console.error(`${title}: ${problems.join('; ')}\n${stderr.split('\n').slice(0, 24).map((line) => `  ${line.slice(0, 400)}`).join('\n')}\n`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
