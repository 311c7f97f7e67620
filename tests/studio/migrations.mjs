// The folder and the databases side by side.
import assert from 'node:assert/strict';
import { open } from './rows.mjs';

const schema = 'src/schema.ts';

export function migrationTests(test, setting) {
  const state = (page, database, tag) =>
    page.locator('.matrix tbody tr', { hasText: tag }).locator('td').nth(database);

  test('migrations and databases stand side by side', async ({ page, studio, shot }) => {
    await open(page, studio, '/migrations');
    await state(page, 0, '0000_init').getByText('applied').waitFor();
    await state(page, 1, '0000_init').getByText('pending').waitFor();
    await page.getByText('protected', { exact: true }).waitFor();
    await shot('migrations');
    // In columns as narrow as they get, nothing runs into the next one.
    await page.setViewportSize({ width: 420, height: 760 });
    const beyond = await page.locator('.database-head').evaluateAll((heads) =>
      heads.flatMap((head) => [...head.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > head.getBoundingClientRect().right + 1).map((each) => each.textContent)));
    assert.deepEqual(beyond, []);
    await page.setViewportSize({ width: 1360, height: 820 });
  });

  test('a migration that is made in a terminal appears by itself', async ({ page, studio }) => {
    await open(page, studio, '/migrations');
    await state(page, 0, '0000_init').getByText('applied').waitFor();
    await setting.workspace.run('sluice generate --custom --name elsewhere');
    await state(page, 0, '0001_elsewhere').getByText('pending').waitFor();
    await page.getByRole('button', { name: 'Apply…' }).and(page.locator(':enabled')).waitFor();
    await setting.workspace.run('sluice drop 0001_elsewhere --yes');
    await state(page, 0, '0001_elsewhere').waitFor({ state: 'detached' });
  });

  test('a save of the schema shows what would be generated; a question is asked', async ({ page, shot }) => {
    const text = await setting.workspace.run(`cat ${schema}`).then(({ stdout }) => stdout);
    await setting.workspace.write(schema, text.replace("total: integer('total')", "note: text('note').notNull(),\n  amount: integer('amount')"));
    await page.getByText('Schema changed').waitFor();
    await page.getByText(/new, or renamed/).waitFor();
    await shot('question');
    await page.getByText('Is the column orders.note new').waitFor();
    await page.getByRole('button', { name: 'It is new' }).click();
    await page.getByText('Is the column orders.amount new').waitFor();
    await page.getByRole('button', { name: 'It is orders.total, renamed' }).click();
    await page.getByText('is required: what do rows that exist get?').waitFor();
    await page.getByLabel('Value for orders.note').fill("'none'");
    await page.keyboard.press('Enter');
    await page.getByText('RENAME COLUMN').first().waitFor();
    await shot('draft');
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.getByText(/^Generated 0001_/).waitFor();
    await page.getByText('Schema changed').waitFor({ state: 'detached' });
    const { stdout } = await setting.workspace.run('ls drizzle');
    assert.match(stdout, /0001_\w+\.sql/);
    assert.match(stdout, /0001_\w+\.down\.sql/);
  });

  test('a migration has its SQL, its review, its locks and its way back', async ({ page, shot }) => {
    await page.getByRole('table', { name: 'Locks' }).getByText('ACCESS EXCLUSIVE').first().waitFor();
    await page.getByRole('list', { name: 'Findings' }).getByText(/rename/i).first().waitFor();
    await shot('migration');
    await page.getByRole('tab', { name: 'Down' }).click();
    await page.getByLabel('Reverse SQL').getByText('DROP COLUMN').waitFor();
  });

  test('it is looked at, applied with its progress, and rolled back', async ({ page, shot }) => {
    await page.getByRole('button', { name: 'Apply…' }).click();
    await page.getByText('No row that is there would make it fail').waitFor();
    await shot('preflight');
    await page.getByRole('button', { name: 'Apply 1' }).click();
    await page.getByText('Applied 1 to development').waitFor();
    await page.getByLabel('Progress').getByText(/applied 0001_/).waitFor();
    await state(page, 0, '0001_').getByText('applied').waitFor();
    assert.deepEqual(await setting.sql("select count(*) from orders where note = 'none' and amount > 0"), [['30']]);
    await page.getByRole('button', { name: 'More for development' }).click();
    await page.getByRole('button', { name: /Roll back 0001/ }).click();
    await page.getByLabel('Reverse SQL').last().getByText('DROP COLUMN').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back', exact: true }).click();
    await page.getByText(/^Rolled back 0001_/).waitFor();
    await state(page, 0, '0001_').getByText('pending').waitFor();
    assert.deepEqual(await setting.sql('select count(total) from orders'), [['30']]);
  });

  test('rows that would make it fail stop it before it begins', async ({ page, studio, shot }) => {
    await setting.workspace.run("sluice generate --custom --name strict && printf 'ALTER TABLE \"customers\" ADD CONSTRAINT short CHECK (length(name) < 8);\\n' >> $(ls drizzle/0002*strict.sql)");
    await open(page, studio, '/migrations');
    await page.getByRole('button', { name: 'Apply…' }).click();
    await page.getByText(/rows? would make this statement fail/).waitFor();
    await page.getByRole('button', { name: /^Apply 2/, disabled: true }).waitFor();
    await shot('obstacle');
    await page.getByRole('button', { name: 'Close', exact: true }).last().click();
  });

  test('a protected database is shown and not touched', async ({ page }) => {
    assert.equal(await page.getByRole('button', { name: 'Apply…' }).count(), 1);
    await page.getByRole('button', { name: 'Preflight' }).click();
    await page.getByText('Nothing can be applied from here').waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).last().click();
  });

  test('what was changed by hand is found', async ({ page, shot }) => {
    await setting.sql('create index by_hand on customers (name)');
    await page.getByRole('button', { name: 'More for development' }).click();
    await page.getByRole('button', { name: 'Look for drift' }).click();
    await page.getByLabel('Done by hand').getByText('by_hand').waitFor({ timeout: 30_000 });
    await shot('drift');
    await page.getByRole('button', { name: 'Close', exact: true }).last().click();
  });

  test('an edited file is seen', async ({ page }) => {
    await setting.workspace.run('echo "-- a word more" >> drizzle/0000_init.sql');
    await page.getByRole('button', { name: 'Reload', exact: true }).click();
    await state(page, 0, '0000_init').getByText('edited').waitFor();
  });
}
