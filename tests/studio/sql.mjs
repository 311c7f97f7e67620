// The SQL editor and the diagram.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { open } from './rows.mjs';
import { soon } from './setting.mjs';

const editor = (page) => page.getByRole('textbox', { name: 'SQL' });
export async function type(page, text) {
  await editor(page).click();
  await page.keyboard.press('Control+a');
  // Chromium would carry the style of the text that is typed over along, as an attribute that the page's policy refuses.
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

export function sqlTests(test, setting) {
  test('SQL runs, all of it or the selection, with a result for each statement', async ({ page, studio, shot }) => {
    await open(page, studio, '/sql');
    await type(page, "select name, email from customers order by id;\nselect count(*) as orders from orders;");
    await page.keyboard.press('Control+Enter');
    await page.getByRole('tab', { name: '2.' }).waitFor();
    await page.getByRole('cell', { name: '30' }).waitFor();
    await page.getByRole('tab', { name: '1.' }).click();
    await page.getByRole('cell', { name: 'Ada Lovelace' }).waitFor();
    await shot('sql');
    await page.keyboard.press('Escape');
    await editor(page).click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Shift+End');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('tab', { name: '2.' }).waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'Ada Lovelace' }).waitFor();
  });

  test('completion knows the tables and columns', async ({ page, shot }) => {
    await type(page, 'select * from custo');
    await page.keyboard.press('Control+Space');
    await page.locator('.cm-tooltip-autocomplete').getByText('customers').waitFor();
    await page.waitForTimeout(120); // it takes no key at once, so that one does not accept by accident
    await page.keyboard.press('Enter');
    await page.keyboard.type(' where customers.em');
    await page.locator('.cm-tooltip-autocomplete').getByText('email').waitFor();
    await shot('completion');
    await page.keyboard.press('Escape');
  });

  test('an error is underlined where it is', async ({ page, shot }) => {
    await type(page, "select 1;\n-- ä 🙂\nselect nam from customers;");
    await page.keyboard.press('Control+Enter');
    await page.getByText('column "nam" does not exist').waitFor();
    await page.locator('.cm-wrong', { hasText: /^nam$/ }).waitFor();
    await shot('sql-error');
  });

  test('a limit keeps a large result small, and a query is cancelled', async ({ page }) => {
    await type(page, 'select * from big a cross join big b');
    await page.keyboard.press('Control+Enter');
    await page.getByText('500 rows, and more: raise the limit').waitFor();
    await type(page, 'select pg_sleep(60)');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled').waitFor();
    await soon(async () => assert.deepEqual(await setting.sql("select count(*) from pg_stat_activity where query ~ 'pg_sleep\\(60\\)' and state = 'active' and pid <> pg_backend_pid()"), [['0']]));
  });

  test('a plan is a tree, measured or not, and changes nothing', async ({ page, shot }) => {
    await type(page, 'select c.name, sum(o.total) from customers c join orders o on o.customer_id = c.id group by c.name order by 2 desc');
    await page.keyboard.press('Control+Shift+Enter');
    await page.getByText('Not run.').waitFor();
    await page.getByRole('treeitem').nth(3).waitFor();
    await type(page, 'delete from orders');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('button', { name: 'Explain and measure' }).click();
    await page.getByText('It was rolled back.').waitFor();
    await page.getByRole('treeitem').first().getByRole('button').first().click();
    await shot('plan');
    assert.deepEqual(await setting.sql('select count(*) from orders'), [['30']]);
  });

  test('the history brings back what was run', async ({ page, shot }) => {
    await page.getByRole('button', { name: 'History', exact: true }).click();
    await page.getByRole('complementary', { name: 'History' }).getByText('select * from big a cross join big b').click();
    await soon(async () => assert.equal(await editor(page).innerText(), 'select * from big a cross join big b'));
    await shot('history');
    await page.getByRole('button', { name: 'History', exact: true }).click();
  });

  test('a transaction that is left open is rolled back', async ({ page }) => {
    await type(page, "begin;\nupdate customers set name = 'gone'");
    await page.keyboard.press('Control+Enter');
    await page.getByText('the transaction was left open').waitFor();
    assert.deepEqual(await setting.sql("select count(*) from customers where name = 'gone'"), [['0']]);
  });

  test('the diagram draws tables and keys, finds, and is saved', async ({ page, studio, shot }) => {
    await open(page, studio, '/diagram');
    await page.locator('.table-card', { hasText: 'customers' }).first().waitFor();
    await soon(async () => assert.equal(await page.locator('.react-flow__edge').count(), 1));
    await shot('diagram');
    await page.getByLabel('Find a table or column').fill('customer_id');
    await page.locator('.table-card.found').waitFor();
    await soon(async () => assert.equal(await page.locator('.table-card.found header').innerText(), 'orders'));
    for (const [name, begin] of [['SVG', '<svg '], ['PNG', '\x89PNG']]) {
      await page.getByRole('button', { name: 'Export' }).click();
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name, exact: true }).click()]);
      const content = await fs.readFile(await file.path(), 'latin1');
      assert.ok(content.startsWith(begin), name);
      if (name === 'SVG') assert.ok(content.includes('customer_id') && content.includes('<path'), 'the drawing has no columns or no lines');
    }
  });
}
