// Tables and their rows.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { soon } from './setting.mjs';

export const open = (page, studio, where) => page.goto(`http://127.0.0.1:${studio.port}${where}`);
const cell = (page, row, column) => page.locator(`.grid-row[aria-rowindex="${row + 1}"] .cell`).nth(column);
const activeText = (page) => page.locator('#active-cell').innerText();

export function rowTests(test, setting) {
  test('the address opens the page, and the token leaves it', async ({ page, studio, shot }) => {
    await page.goto(studio.address);
    await page.getByRole('link', { name: 'customers' }).waitFor();
    assert.ok(!page.url().includes('token'), page.url());
    assert.equal(await page.evaluate(() => document.cookie), '');
    await page.reload();
    await page.getByRole('link', { name: 'customers' }).waitFor();
    await shot('tables');
  });

  test('without a session the page says what to do', async ({ browser, studio }) => {
    const other = await (await browser.newContext()).newPage();
    await other.goto(`http://127.0.0.1:${studio.port}/`);
    await other.getByText("open the address that 'sluice studio' printed").waitFor();
    await other.close();
  });

  test('a table shows its rows, sorts and filters', async ({ page, shot }) => {
    await page.getByRole('link', { name: 'customers' }).click();
    await page.getByRole('gridcell', { name: 'Ada', exact: true }).waitFor();
    await page.getByText('3 rows').waitFor();
    await page.getByRole('button', { name: /^name/ }).click();
    await page.getByRole('button', { name: /^name/ }).click();
    await page.locator('.grid-row[aria-rowindex="2"]').getByText('Grace', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByLabel('Value').fill('ADA');
    await page.keyboard.press('Enter');
    await page.getByText('1 row', { exact: true }).waitFor();
    await soon(async () => assert.equal(await page.locator('.grid-row').count(), 1));
    await shot('filter');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('3 rows').waitFor();
  });

  test('a large table scrolls to where one wants', async ({ page, studio, shot }) => {
    await open(page, studio, '/tables/public/big');
    await page.getByRole('gridcell', { name: 'row 1', exact: true }).waitFor();
    await page.getByText('200,000 rows').waitFor();
    for (let i = 0; i < 6; i++) {
      await page.locator('.grid').evaluate((grid) => (grid.scrollTop = grid.scrollHeight));
      await page.waitForFunction((count) => Number(/([\d,]+) loaded/.exec(document.querySelector('.status-bar')?.textContent)?.[1].replace(',', '')) >= count, (i + 2) * 200);
    }
    await soon(async () => assert.ok((await page.locator('.grid-row').count()) < 80, 'all rows are in the document'));
    await page.getByRole('button', { name: /id bigint/ }).click();
    await page.getByRole('button', { name: /id bigint/ }).click();
    await page.getByRole('gridcell', { name: 'row 200000' }).waitFor();
    await shot('large');
  });

  test('cells are edited by the keyboard and saved as one transaction', async ({ page, studio, shot }) => {
    await open(page, studio, '/tables/public/customers');
    await cell(page, 1, 2).click();
    await page.keyboard.type('Ada Lovelace');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+a');
    await page.keyboard.type("Grace O'Hopper");
    await page.keyboard.press('Enter');
    await page.getByText('2 changes').waitFor();
    await page.getByRole('button', { name: 'Show SQL' }).click();
    await page.getByText(`UPDATE "public"."customers" SET "name" = 'Grace O''Hopper' WHERE "id" = '2';`).waitFor();
    await shot('show-sql');
    assert.deepEqual(await setting.sql('select name from customers where id = 1'), [['Ada']]);
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved: 2 changes').waitFor();
    assert.deepEqual(await setting.sql('select name from customers where id < 3 order by id'), [['Ada Lovelace'], ["Grace O'Hopper"]]);
  });

  test('what the database refuses is shown, and nothing of it is saved', async ({ page, studio, shot }) => {
    await open(page, studio, '/tables/public/customers');
    await cell(page, 1, 2).dblclick();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Lost');
    await page.keyboard.press('Enter');
    await cell(page, 2, 3).dblclick();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('ada@example.org');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+s');
    await page.getByText(/duplicate key value/).waitFor();
    await shot('refused');
    // A change is kept while its row is out of sight.
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByLabel('Value').fill('edsger');
    await page.keyboard.press('Enter');
    await page.getByText('2 changes').waitFor();
    await page.getByRole('gridcell', { name: 'Lost' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Show SQL' }).click();
    await page.getByText(`SET "name" = 'Lost' WHERE "id" = '1'`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Clear' }).click();
    assert.deepEqual(await setting.sql('select name from customers where id = 1'), [['Ada Lovelace']]);
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  test('a row that somebody else has changed is not overwritten', async ({ page }) => {
    await Promise.all([page.waitForResponse((response) => response.url().endsWith('/api/rows')), page.getByRole('button', { name: 'Reload rows' }).click()]);
    await setting.sql("update customers set name = 'Edsger W.' where id = 3");
    await cell(page, 3, 2).dblclick();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Mine');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('somebody has changed the row since you read it').waitFor();
    assert.deepEqual(await setting.sql('select name from customers where id = 3'), [['Edsger W.']]);
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  test('rows are inserted and deleted', async ({ page, studio }) => {
    await open(page, studio, '/tables/public/customers');
    await cell(page, 1, 2).waitFor();
    await page.getByRole('button', { name: 'Insert' }).click();
    await page.getByRole('textbox', { name: 'name' }).fill('Alan');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'email' }).fill('alan@example.org');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved: 1 change').waitFor();
    assert.deepEqual(await setting.sql("select name from customers where email = 'alan@example.org'"), [['Alan']]);
    await page.getByRole('gridcell', { name: 'Alan', exact: true }).click();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.locator('.grid-row.deleted').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved: 1 change').last().waitFor();
    await page.getByText('3 rows').waitFor();
    assert.deepEqual(await setting.sql('select count(*) from customers'), [['3']]);
  });

  test('each type has its editor', async ({ page, studio, shot }) => {
    await open(page, studio, '/tables/public/kinds');
    await page.getByRole('gridcell', { name: 'happy' }).waitFor();
    await shot('kinds');
    const names = ['id', 'flag', 'amount', 'word', 'mood', 'tags', 'data', 'raw', 'at', 'day', 'ref', 'long', 'twice'];
    const edit = async (name) => {
      const target = cell(page, 2, names.indexOf(name) + 1);
      await target.scrollIntoViewIfNeeded();
      await target.dblclick();
    };
    await edit('flag');
    await page.getByRole('combobox', { name: 'flag' }).selectOption('true');
    await edit('mood');
    await page.getByRole('combobox', { name: 'mood' }).selectOption('ok');
    await edit('amount');
    await page.keyboard.type('1.5x');
    await page.keyboard.press('Enter');
    await page.getByText('This is not a number').waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    await edit('tags');
    await page.getByRole('button', { name: 'Add an item' }).click();
    await page.getByLabel('Item 1', { exact: true }).fill('with "quotes", and commas');
    await page.getByRole('button', { name: 'Done' }).click();
    await edit('data');
    await page.getByRole('textbox', { name: 'data' }).click();
    await page.keyboard.insertText('{"b": [1, 2');
    await page.getByText('This is not JSON').waitFor();
    await page.keyboard.insertText(']}');
    await shot('json');
    await page.getByRole('button', { name: 'Done' }).click();
    await edit('at');
    await page.getByRole('button', { name: 'Now' }).click();
    await page.keyboard.press('Enter');
    await edit('ref');
    await page.getByRole('button', { name: 'New UUID' }).click();
    await page.keyboard.press('Enter');
    await edit('day');
    await page.keyboard.type('2026-05-06');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+s');
    await page.getByText(/^Saved/).waitFor();
    const [row] = await setting.sql("select flag, mood, amount, tags, data, day, ref is not null, at > now() - interval '1 minute' from kinds where id = 2");
    assert.deepEqual(row, ['t', 'ok', '1.50', '{"with \\"quotes\\", and commas"}', '{"b": [1, 2]}', '2026-05-06', 't', 't']);
    await cell(page, 1, names.indexOf('long') + 1).dblclick();
    const whole = await page.getByRole('textbox', { name: 'long' }).evaluate((editor) => editor.textContent.length);
    assert.ok(whole >= 2900, `${whole} of 3000 characters`);
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  test('a vector is seen as a whole, and its dimensions are counted', async ({ page, studio, shot }) => {
    await open(page, studio, '/tables/public/embeddings');
    await cell(page, 1, 2).dblclick();
    await page.getByText('4 of 4 dimensions, length 5').waitFor();
    await page.getByRole('img', { name: 'The 4 numbers as bars' }).waitFor();
    await shot('vector');
    await page.getByRole('textbox', { name: 'embedding' }).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('[3,0,4');
    await page.getByText('A vector is written [1,2,3]').waitFor();
    await page.keyboard.insertText(']');
    await page.getByText('It has 3 dimensions, vector(4) has 4').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Done' }).isDisabled(), true);
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('[0,6,0,8]');
    await page.getByText('4 of 4 dimensions, length 10').waitFor();
    await page.getByRole('button', { name: 'Make its length 1' }).click();
    await page.getByText('4 of 4 dimensions, length 1', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.keyboard.press('Control+s');
    await page.getByText(/^Saved/).waitFor();
    assert.deepEqual(await setting.sql('select embedding from embeddings'), [['[0,0.6,0,0.8]']]);
  });

  test('foreign keys are followed both ways', async ({ page, studio, shot }) => {
    await open(page, studio, '/tables/public/orders');
    await cell(page, 1, 2).click();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'customers' }).waitFor();
    await page.getByText('1 row', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Row details' }).click();
    await page.locator('.grid').focus();
    await shot('related');
    await page.getByRole('button', { name: 'orders customer_id' }).click();
    await page.getByRole('heading', { name: 'orders' }).waitFor();
    await page.getByText('10 rows').waitFor();
    assert.ok(!page.url().includes('='), page.url());
    await page.goBack();
    await page.getByText('1 row', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Close the row' }).click();
  });

  test('composite keys, tables without a key, views', async ({ page, studio }) => {
    await open(page, studio, '/tables/public/pairs');
    await cell(page, 2, 3).dblclick();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('changed');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved: 1 change').waitFor();
    assert.deepEqual(await setting.sql('select note from pairs order by b'), [['one'], ['changed']]);
    await open(page, studio, '/tables/public/no_key');
    await cell(page, 1, 1).dblclick();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('by place');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved: 1 change').waitFor();
    assert.deepEqual(await setting.sql('select word from no_key order by word'), [['by place'], ['second']]);
    await open(page, studio, '/tables/public/open_orders');
    await page.getByText('10 rows').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Insert' }).count(), 0);
  });

  test('columns are hidden, and stay so', async ({ page, studio }) => {
    await open(page, studio, '/tables/public/kinds');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'long' }).uncheck();
    await page.getByRole('columnheader', { name: 'long' }).waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('gridcell', { name: 'happy' }).waitFor();
    assert.equal(await page.getByRole('columnheader', { name: 'long' }).count(), 0);
  });

  test('rows go out as CSV and JSON, and come in as CSV', async ({ page, studio, shot }) => {
    await open(page, studio, '/tables/public/customers');
    await page.getByRole('gridcell', { name: 'Ada Lovelace' }).waitFor();
    const take = async (name) => {
      await page.getByRole('button', { name: 'Export and import' }).click();
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
      return await fs.readFile(await file.path(), 'utf8');
    };
    const csv = await take('Export CSV');
    assert.match(csv, /^id,name,email,created_at\n1,Ada Lovelace,ada@example.org,/);
    const json = JSON.parse(await take('Export JSON'));
    assert.equal(json.length, 3);
    assert.equal(json[1].name, "Grace O'Hopper");
    await page.getByRole('button', { name: 'Export and import' }).click();
    await page.getByRole('button', { name: 'Import CSV…' }).click();
    const file = 'e-mail;Name;ignored\r\nbarbara@example.org;"Barbara; ""Liskov""";x\r\ndonald@example.org;Donald;y\r\n';
    await page.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
    await shot('import');
    await page.getByRole('button', { name: 'Import 2 rows' }).click();
    await page.getByText('Imported 2 rows').waitFor();
    assert.deepEqual(await setting.sql('select name, email from customers where id > 4 order by id'), [['Barbara; "Liskov"', 'barbara@example.org'], ['Donald', 'donald@example.org']]);
  });

  test('a CSV file that would lose something is refused; what goes out comes back', async ({ page, studio, shot }) => {
    await setting.sql("create table notes (name text, note text not null default 'x', more text); insert into notes values ('a', '', null), (null, 'b,\"c\"', ''), ('ü', E'two\nlines', 'NULL')");
    await page.goto('about:blank');
    await open(page, studio, '/tables/public/notes');
    await page.getByText('3 rows').waitFor();
    const click = (name) => page.getByRole('button', { name }).click();
    await click('Export and import');
    const [file] = await Promise.all([page.waitForEvent('download'), click('Export CSV')]);
    const exported = await fs.readFile(await file.path());
    const give = (content) => page.getByLabel('CSV file').setInputFiles({ name: 'notes.csv', mimeType: 'text/csv', buffer: Buffer.from(content) });
    await click('Export and import');
    await click('Import CSV…');
    for (const [content, reason] of [
      ['name,note,more\na,b,c\n"b,2,c\nc,3,d\n', 'notes.csv: row 3 has a quote that is never closed'],
      ['name,note,more\nDoe, John,vip,extra\n', 'row 2 has 4 fields, the first one has 3'],
      ['name,note,more\na,b,c\nonly\n', 'row 3 has 1 field, the first one has 3'],
      ['name,note,more\n"a"b,c,d\n', 'row 2 has text behind a closing quote'],
      [Buffer.from('name,note,more\na,b,c\nM\xfcller,b,c\n', 'latin1'), 'line 3 is not UTF-8'],
    ]) {
      await give(content);
      await page.getByText(reason).waitFor();
      await page.getByText('Nothing was imported').waitFor();
      assert.ok(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled(), reason);
    }
    await shot('import-refused');
    const before = await setting.sql('select * from notes order by name');
    assert.equal(before.length, 3);
    await setting.sql('delete from notes');
    await give(exported);
    await click('Import 3 rows');
    await page.getByText('Imported 3 rows').waitFor();
    assert.deepEqual(await setting.sql('select * from notes order by name'), before);
    // What Excel saves as Unicode text.
    await click('Export and import');
    await click('Import CSV…');
    await give(Buffer.from('\ufeffname\tnote\nÄ\t""\n', 'utf16le'));
    await click('Import 1 rows');
    await page.getByText('Imported 1 rows').waitFor();
    assert.deepEqual(await setting.sql("select note, more from notes where name = 'Ä'"), [['', null]]);
  });

  test('columns may be called as parts of the language of the page', async ({ page, studio }) => {
    await setting.sql('create table odd_names (id int primary key, "__proto__" text, "constructor" text, "toString" text, n text); insert into odd_names values (1, \'p\', \'c\', \'t\', \'n\')');
    await page.goto('about:blank');
    await open(page, studio, '/tables/public/odd_names');
    await cell(page, 1, 5).click();
    await page.keyboard.type('changed');
    await page.keyboard.press('Enter');
    await page.getByText('1 change', { exact: true }).waitFor();
    for (const [at, text] of ['1', 'p', 'c', 't', 'changed'].entries()) {
      assert.equal(await cell(page, 1, at + 1).innerText(), text);
      const head = await page.getByRole('columnheader').nth(at + 1).boundingBox();
      assert.equal(Math.round((await cell(page, 1, at + 1).boundingBox()).x), Math.round(head.x), text);
    }
    await cell(page, 1, 2).click();
    await page.keyboard.type('q');
    await page.keyboard.press('Enter');
    await soon(async () => assert.equal(await cell(page, 1, 2).innerText(), 'q'));
    await page.keyboard.press('Control+s');
    await page.getByText('Saved: 1 change').waitFor();
    assert.deepEqual(await setting.sql('select "__proto__", "constructor", n from odd_names'), [['q', 'c', 'changed']]);
  });

  test('a line of megabytes is shown in part, and can be downloaded', async ({ page, studio, shot }) => {
    await setting.sql("create table huge (id int primary key, words text); insert into huge values (1, repeat('word ', 600000))");
    await page.goto('about:blank');
    await open(page, studio, '/tables/public/huge');
    await cell(page, 1, 2).dblclick();
    await page.getByText('lines too long to be edited here').waitFor();
    await shot('huge');
    assert.ok((await page.locator('.value-code').innerText()).length < 10_000);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    assert.equal((await fs.readFile(await file.path(), 'utf8')).length, 3_000_000);
    await page.locator('.dialog-inner > footer').getByRole('button', { name: 'Close' }).click();
  });

  test('rows are reached without the mouse', async ({ page, studio }) => {
    await open(page, studio, '/sql');
    await page.locator('.toolbar').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('pairs');
    await page.keyboard.press('Enter');
    await page.getByRole('grid', { name: 'Rows of pairs' }).and(page.locator(':focus')).waitFor();
    await page.getByRole('gridcell', { name: 'one', exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    assert.equal(await activeText(page), 'y');
    await page.getByLabel('Find a table').focus();
    await page.keyboard.press('Alt+0');
    await page.getByRole('grid', { name: 'Rows of pairs' }).and(page.locator(':focus')).waitFor();
  });

  test('a table may be called as a step of a path', async ({ page, studio }) => {
    await setting.sql('create table "." (word text); create table ".." (word text); create table ":." (word text); insert into "." values (\'one dot\'); insert into ".." values (\'two dots\'); insert into ":." values (\'a colon\')');
    await open(page, studio, '/sql');
    await open(page, studio, '/tables');
    for (const [name, word] of [['.', 'one dot'], ['..', 'two dots'], [':.', 'a colon']]) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.getByRole('gridcell', { name: word }).waitFor();
      await page.reload();
      await page.getByRole('gridcell', { name: word }).waitFor();
    }
    await setting.sql('drop table ".", "..", ":."');
  });

  test('rows of several tables without a key are inserted, and not changed', async ({ page, studio }) => {
    await setting.sql("create table parent (word text); create table child () inherits (parent); insert into parent values ('of the parent'); insert into child values ('of the child'); create table split (word text) partition by list (word); create table split_rest partition of split default");
    await open(page, studio, '/sql');
    await open(page, studio, '/tables/public/parent');
    await page.getByText('no key', { exact: true }).waitFor();
    await page.getByRole('gridcell', { name: 'of the child' }).dblclick();
    assert.equal(await page.locator('.cell-input').count(), 0);
    for (const table of ['parent', 'split']) {
      await open(page, studio, `/tables/public/${table}`);
      await page.getByText('no key', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Insert' }).click();
      await page.getByRole('textbox', { name: 'word' }).fill('typed');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Control+s');
      await page.getByText('Saved: 1 change').last().waitFor();
      await page.getByText('Saved: 1 change').last().waitFor({ state: 'detached' });
      assert.deepEqual(await setting.sql(`select count(*) from ${table} where word = 'typed'`), [['1']]);
    }
  });

  test('a narrow window has the names that a wide one has, and all in reach', async ({ page, studio, shot }) => {
    await page.setViewportSize({ width: 400, height: 760 });
    for (const [where, name] of [['/tables/public/customers', 'Filter'], ['/sql', 'History'], ['/migrations', 'Reload']]) {
      await open(page, studio, where);
      await page.getByRole('button', { name, exact: true }).waitFor();
    }
    await open(page, studio, '/tables/public/customers');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const box = await page.getByRole('button', { name: 'Remove this filter' }).boundingBox();
    assert.ok(box.x + box.width <= 400, `the button ends at ${box.x + box.width}`);
    await shot('narrow-filter');
    await page.setViewportSize({ width: 1360, height: 820 });
  });

  test('the palette finds tables, colours change, a narrow window works', async ({ page, shot }) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('orde');
    await shot('palette');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'orders' }).waitFor();
    await page.getByRole('button', { name: 'Dark colours' }).click();
    await soon(async () => assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark'));
    await page.getByText('30 rows').waitFor();
    await shot('dark');
    await page.setViewportSize({ width: 420, height: 760 });
    await page.getByRole('button', { name: 'Tables' }).click();
    await page.getByRole('link', { name: 'customers' }).click();
    await page.getByRole('heading', { name: 'customers' }).waitFor();
    await page.getByRole('gridcell', { name: 'Ada Lovelace' }).waitFor();
    await shot('narrow');
    await page.setViewportSize({ width: 1360, height: 820 });
    await page.getByRole('button', { name: 'Light colours' }).click();
  });

  test('everything that can be used has a name', async ({ page, studio }) => {
    for (const where of ['/tables/public/customers', '/sql', '/diagram', '/migrations']) {
      await open(page, studio, where);
      await page.locator('.toolbar').first().waitFor();
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll('button, a, input, select, [role=grid], [role=textbox]')]
          .filter((element) => element.getClientRects().length && !element.closest('.react-flow__controls'))
          .filter((element) => !(element.getAttribute('aria-label') || element.labels?.length || element.getAttribute('aria-labelledby') || element.textContent.trim()))
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      assert.deepEqual(nameless, [], where);
    }
  });
}
