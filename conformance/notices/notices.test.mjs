// What a webhook gets verifies with the reference library of Standard Webhooks, under either of two keys, and not when
// any of it was changed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';

const binary = process.env.PLIMSOLL_BINARY || fileURLToPath(new URL('../../build/release/plimsoll', import.meta.url));
const keys = ['0', '1'].map((digit) => `whsec_${Buffer.from(digit.repeat(32)).toString('base64')}`);

async function received() {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-notices-'));
  let got;
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    got = { headers: request.headers, body: Buffer.concat(pieces).toString() };
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const config = join(folder, 'plimsoll.yaml');
    const url = `http://127.0.0.1:${server.address().port}/in`;
    await writeFile(config, JSON.stringify({ notices: [{ name: 'ops', kind: 'webhook', url, secret_env: 'KEYS', allow_private: true }] }));
    const env = { PATH: process.env.PATH, KEYS: keys.join('\n') };
    const { stdout } = await promisify(execFile)(binary, ['notices', 'test', 'ops', '--config', config], { env });
    assert.match(stdout, /delivered: 204/);
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
  return got;
}

test('a notice verifies with the reference library', async () => {
  const { headers, body } = await received();
  for (const key of keys) assert.equal(new Webhook(key).verify(body, headers).event, 'test');
  assert.throws(() => new Webhook(keys[0]).verify(body + ' ', headers));
  assert.throws(() => new Webhook(keys[0]).verify(body, { ...headers, 'webhook-id': 'another' }));
  assert.throws(() => new Webhook(keys[0]).verify(body, { ...headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 60) }));
  assert.throws(() => new Webhook(`whsec_${Buffer.from('2'.repeat(32)).toString('base64')}`).verify(body, headers));
});
