// The evidence viewer at "/" of the evidence service, in a real browser: it computes hashes and proofs by itself.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { startEvidence } from '../harness.mjs';

const url = await startEvidence();
const browser = await chromium.launch({
  executablePath: process.env.PLIMSOLL_CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
after(() => browser.close());

async function post(path, body) {
  const reply = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  assert.equal(reply.status, 201);
  return (await reply.json()).id;
}
const HOSTILE = '<img src=x onerror="window.broken=1">';
const id = await post('/evidence', {
  artifactType: 'model_card', modelVersion: HOSTILE, contentRef: 'ci/991',
  metadata: { owners: ['A team'], description: HOSTILE, quality: { pass_at_5: { value: 0.84, n: 164 } } },
});
await post('/incident', { severity: 'sev2', description: HOSTILE });

async function open(t) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(url);
  return { page, complaints };
}

test('an artifact is shown with its hashes and its proof computed in the browser', async (t) => {
  const { page, complaints } = await open(t);
  await page.getByText(id.slice(0, 12)).first().click();
  await page.getByText('The id is the hash of the entry, computed here.').waitFor();
  await page.getByText('The evidence hash is the hash of what was submitted, computed here.').waitFor();
  if (process.env.PLIMSOLL_SCREENSHOTS) await page.screenshot({ path: `${process.env.PLIMSOLL_SCREENSHOTS}/artifact.png` });
  assert.equal(await page.locator('.bad').count(), 0, await page.locator('body').innerText());
  assert.deepEqual(complaints, []);
});

test('models, cards and incidents are a click away, and what was submitted is never run', async (t) => {
  const { page, complaints } = await open(t);
  for (const name of ['Models and cards', 'Incidents', 'Artifacts']) {
    await page.getByText(name, { exact: true }).first().click();
    await page.getByText(HOSTILE).first().waitFor();
    if (process.env.PLIMSOLL_SCREENSHOTS) await page.screenshot({ path: `${process.env.PLIMSOLL_SCREENSHOTS}/${name}.png` });
  }
  assert.equal(await page.evaluate(() => window.broken), undefined);
  assert.deepEqual(complaints, []);
});

test('nothing is wider than a telephone', async (t) => {
  const { page } = await open(t);
  await page.setViewportSize({ width: 390, height: 800 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (process.env.PLIMSOLL_SCREENSHOTS) await page.screenshot({ path: `${process.env.PLIMSOLL_SCREENSHOTS}/narrow.png` });
  assert.ok(wide <= 390, `${wide} pixels`);
});
