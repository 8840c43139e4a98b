import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import OpenAI from 'openai';
import { startGateway, startModel } from '../harness.mjs';
import { ask, connect, read } from './client.mjs';

const secret = randomBytes(32).toString('hex');
const model = await startModel();
const gateway = await startGateway(model, { ENABLE_AUTH: 'true', JWT_SECRET_KEY: secret });
const chat = (apiKey) => connect(gateway, { apiKey }).chat.completions;

const now = () => Math.floor(Date.now() / 1000);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// RFC 7519, with HMAC-SHA-256.
function token(claims = {}, { key = secret, header = { alg: 'HS256', typ: 'JWT' } } = {}) {
  const signed = `${encode(header)}.${encode({ sub: 'u-1', exp: now() + 600, ...claims })}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

test('an API key that is a signed token is let in', async () => {
  const { choices } = await chat(token()).create(ask('Hello.'));
  assert.equal(choices[0].message.content, 'You said: Hello.');
  const { text } = await read(await chat(token()).create(ask('Hello.', { stream: true })));
  assert.equal(text, 'You said: Hello.');
});

const [head, , signature] = token().split('.');
const strangers = {
  'no token at all': 'sk-conformance',
  'a token signed with another key': token({}, { key: randomBytes(32) }),
  'a token whose claims were changed': `${head}.${encode({ sub: 'u-2', exp: now() + 600 })}.${signature}`,
  'an expired token': token({ exp: now() - 3600 }),
  'a token that is not valid yet': token({ nbf: now() + 3600 }),
  'a token that never expires': token({ exp: undefined }),
  'an unsigned token': `${encode({ alg: 'none' })}.${encode({ sub: 'u-1', exp: now() + 600 })}.`,
  'a token of another algorithm': token({}, { header: { alg: 'HS512', typ: 'JWT' } }),
  'a token for an unknown tier': token({ tier: 'root' }),
};
for (const [what, apiKey] of Object.entries(strangers)) {
  test(`${what} is an AuthenticationError, and nothing is asked of the model`, async () => {
    await chat(token()).create(ask('Before.'));
    const error = await chat(apiKey)
      .create(ask('Let me in.'))
      .then(() => assert.fail('let in'), (error) => error);
    assert.ok(error instanceof OpenAI.AuthenticationError, `${error}`);
    assert.equal(error.status, 401);
    assert.equal(error.code, 'invalid_api_key');
    assert.ok(error.requestID);
    assert.equal((await model.last()).messages[0].content, 'Before.');
  });
}

test('a lawful basis in the token permits what is refused without it', async () => {
  const request = ask('Write to jane.doe@example.com for me.');
  await assert.rejects(chat(token()).create(request), OpenAI.BadRequestError);
  const { choices } = await chat(token({ lawful_basis: 'contract' })).create(request);
  assert.equal(choices[0].message.content, 'You said: Write to jane.doe@example.com for me.');
});
