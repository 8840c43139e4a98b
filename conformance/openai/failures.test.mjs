import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { startGateway, startModel } from '../harness.mjs';
import { ask, connect, read } from './client.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const lonely = await startGateway({ url: 'http://127.0.0.1:9' }); // nobody answers there
const chat = (at = gateway, options = { maxRetries: 0 }) => connect(at, options).chat.completions;

const fails = (promise) => promise.then(() => assert.fail('did not fail'), (error) => error);

for (const stream of [false, true]) {
  const how = stream ? ', streamed' : '';

  test(`the provider's 429 is the SDK's RateLimitError and says when to try again${how}`, async () => {
    const error = await fails(chat().create(ask('[[fault: 429]]', { stream })));
    assert.ok(error instanceof OpenAI.RateLimitError, `${error}`);
    assert.equal(error.status, 429);
    assert.equal(error.type, 'rate_limit_error');
    assert.equal(error.headers.get('retry-after'), '1');
    assert.ok(error.requestID);
  });

  test(`the provider's own refusals and faults keep their kind${how}`, async () => {
    for (const [status, type] of [
      [400, OpenAI.BadRequestError],
      [404, OpenAI.NotFoundError],
      [500, OpenAI.InternalServerError],
      [503, OpenAI.InternalServerError],
    ]) {
      const error = await fails(chat().create(ask(`[[fault: ${status}]]`, { stream })));
      assert.ok(error instanceof type, `${status}: ${error}`);
      assert.equal(error.status, status);
    }
  });

  test(`an unreachable provider is an InternalServerError that says so${how}`, async () => {
    const error = await fails(chat(lonely).create(ask('Hello.', { stream })));
    assert.ok(error instanceof OpenAI.InternalServerError, `${error}`);
    assert.equal(error.status, 502);
    assert.equal(error.code, 'upstream_unavailable');
  });
}

test('the SDK waits and tries again after a 429', async () => {
  const before = await gateway.count('plimsoll_decisions_total', { direction: 'prompt' });
  const start = performance.now();
  await fails(chat(gateway, { maxRetries: 1 }).create(ask('[[fault: 429]]')));
  assert.ok(performance.now() - start >= 950, 'it waited as long as the provider asked');
  // Decisions are counted before anything is asked of the model; requests when they are over.
  assert.equal(await gateway.count('plimsoll_decisions_total', { direction: 'prompt' }), before + 2);
});

for (const fault of ['reset', 'truncate', 'garbage']) {
  test(`a stream that breaks (${fault}) is an APIError, never a silent end`, async () => {
    const request = ask(`[[say: one two three four five six seven]] [[fault: ${fault}]]`, { stream: true });
    const seen = [];
    const reading = (async () => {
      for await (const { choices } of await chat().create(request)) seen.push(choices[0]);
    })();
    const error = await fails(reading);
    assert.ok(error instanceof OpenAI.APIError, `${error}`);
    assert.equal(error.code, 'upstream_error');
    assert.ok(error.requestID, 'the request id is readable');
    assert.ok(seen.length > 0, 'the first half arrived');
    assert.ok(seen.every((choice) => choice.finish_reason === null), 'no finish reason was made up');

    const helper = await fails(chat().stream(request).finalMessage());
    assert.ok(helper instanceof OpenAI.APIError, `${helper}`);
  });

  test(`a whole answer that breaks (${fault}) is an InternalServerError`, async () => {
    const error = await fails(chat().create(ask(`[[say: one two three]] [[fault: ${fault}]]`)));
    assert.ok(error instanceof OpenAI.InternalServerError, `${error}`);
    assert.equal(error.status, 502);
  });
}

test('a request that cannot be read is a typed error that names the member', async () => {
  const error = await fails(chat().create({ model: 'sample', messages: 'not a list' }));
  assert.ok(error instanceof OpenAI.APIError, `${error}`);
  assert.ok(error.status === 400 || error.status === 422, `${error.status}`);
  assert.equal(error.param, 'messages');
});

test('after all this the gateway still answers', async () => {
  const { text } = await read(await chat().create(ask('Still there?', { stream: true })));
  assert.equal(text, 'You said: Still there?');
});
