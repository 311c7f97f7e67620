#!/usr/bin/env node
// Does with the studio what people do, in a real browser on a real PostgreSQL. README.md says how to run it.
import fs from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { migrationTests } from './migrations.mjs';
import { rowTests } from './rows.mjs';
import { securityTests } from './security.mjs';
import { Setting } from './setting.mjs';
import { sqlTests } from './sql.mjs';

const { values: options } = parseArgs({ options: { filter: { type: 'string' }, shots: { type: 'string' } } });
const tests = [];
const test = (name, run) => tests.push({ name, run });

const setting = await Setting.make();
let failed = 0;
let passed = 0;
try {
  const studio = await setting.studio();
  const browser = await setting.browser();
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 }, acceptDownloads: true, colorScheme: 'light' });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints = [];
  const outside = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => !request.url().startsWith(`http://127.0.0.1:${studio.port}/`) && !/^(data|blob):/.test(request.url()) && outside.push(request.url()));
  const shot = async (name) => {
    if (!options.shots) return;
    await fs.mkdir(options.shots, { recursive: true });
    await page.screenshot({ path: path.join(options.shots, `${name}.png`), caret: 'initial' });
  };
  securityTests(test, setting);
  rowTests(test, setting);
  sqlTests(test, setting);
  migrationTests(test, setting);
  test('nothing was fetched from elsewhere, and the browser had nothing to complain about', async () => {
    if (outside.length) throw new Error(outside.join('\n'));
    const unexpected = complaints.filter((text) => !/status of 4\d\d/.test(text));
    if (unexpected.length) throw new Error(unexpected.join('\n'));
  });
  if (options.filter) await page.goto(studio.address).then(() => page.getByRole('link', { name: 'customers' }).waitFor());
  const began = Date.now();
  for (const { name, run } of tests) {
    if (options.filter && !name.includes(options.filter)) continue;
    const since = Date.now();
    try {
      await run({ studio, browser, context, page, shot });
      passed++;
      console.log(`ok ${name} (${((Date.now() - since) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(`not ok ${name}\n${String(error.stack ?? error).replace(/^/gm, '    ')}`);
      await shot(`failed-${failed}`);
    }
  }
  const { code, stderr } = await studio.stop();
  if (code !== 0) {
    failed++;
    console.log(`not ok Ctrl-C ends the studio: exit ${code}\n${stderr}`);
  }
  console.log(`${passed} passed, ${failed} failed in ${((Date.now() - began) / 1000).toFixed(0)} s`);
} finally {
  await setting.close();
}
if (failed || !passed) process.exitCode = 1;
