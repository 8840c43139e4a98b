import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { fails, startGateway, startModel } from '../harness.mjs';
import { ask, connect, read } from './client.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const lonely = await startGateway({ url: 'http://127.0.0.1:9' }); // nobody answers there
const messages = (at = gateway, options = { maxRetries: 0 }) => connect(at, options).messages;

for (const stream of [false, true]) {
  const how = stream ? ', streamed' : '';

  test(`the provider's own refusals and faults keep their kind${how}`, async () => {
    for (const [status, type, name] of [
      [400, Anthropic.BadRequestError, 'invalid_request_error'],
      [401, Anthropic.AuthenticationError, 'authentication_error'],
      [404, Anthropic.NotFoundError, 'not_found_error'],
      [429, Anthropic.RateLimitError, 'rate_limit_error'],
      [500, Anthropic.InternalServerError, 'api_error'],
      [529, Anthropic.InternalServerError, 'overloaded_error'],
    ]) {
      const error = await fails(messages().create(ask(`[[fault: ${status}]]`, { stream })));
      assert.ok(error instanceof type, `${status}: ${error}`);
      assert.equal(error.status, status);
      assert.equal(error.type, name);
      if (status === 429) assert.equal(error.headers.get('retry-after'), '1');
    }
  });

  test(`an unreachable provider is an InternalServerError that says so${how}`, async () => {
    const error = await fails(messages(lonely).create(ask('Hello.', { stream })));
    assert.ok(error instanceof Anthropic.InternalServerError, `${error}`);
    assert.equal(error.status, 502);
    assert.equal(error.type, 'api_error');
  });
}

for (const fault of ['reset', 'truncate', 'garbage', 'event']) {
  test(`a stream that breaks (${fault}) is an APIError, never a silent end`, async () => {
    const request = ask(`[[say: one two three four five six seven]] [[fault: ${fault}]]`);
    const seen = [];
    const reading = (async () => {
      for await (const event of await messages().create({ ...request, stream: true })) seen.push(event);
    })();
    const error = await fails(reading);
    assert.ok(error instanceof Anthropic.APIError, `${error}`);
    assert.ok(seen.length > 0, 'the first half arrived');
    assert.ok(seen.every(({ type }) => type !== 'message_stop'), 'no end was made up');
    const helper = await fails(messages().stream(request).finalMessage());
    assert.ok(helper instanceof Anthropic.AnthropicError, `${helper}`);
  });
}

for (const fault of ['reset', 'truncate', 'garbage']) {
  test(`a whole answer that breaks (${fault}) is an InternalServerError`, async () => {
    const error = await fails(messages().create(ask(`[[say: one two three]] [[fault: ${fault}]]`)));
    assert.ok(error instanceof Anthropic.InternalServerError, `${error}`);
    assert.equal(error.status, 502);
  });
}

test('a request that cannot be read is a BadRequestError', async () => {
  const error = await fails(messages().create({ model: 'sample', max_tokens: 9, messages: 'not a list' }));
  assert.ok(error instanceof Anthropic.APIError, `${error}`);
  assert.ok(error.status === 400 || error.status === 422, `${error.status}`);
  assert.equal(error.type, 'invalid_request_error');
});

test('after all this the gateway still answers', async () => {
  const { text } = await read(await messages().create(ask('Still there?', { stream: true })));
  assert.equal(text, 'You said: Still there?');
});
