import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { startGateway, startModel } from '../harness.mjs';
import { ask, connect, read } from './client.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const client = () => connect(gateway);
const messages = () => client().messages;

test('a message arrives as the model gave it', async () => {
  const message = await messages().create(ask('Hello there.', { system: 'Be brief.' }));
  assert.equal(message.type, 'message');
  assert.equal(message.role, 'assistant');
  assert.equal(message.model, 'sample');
  assert.deepEqual(message.content, [{ type: 'text', text: 'You said: Hello there.' }]);
  assert.equal(message.stop_reason, 'end_turn');
  assert.deepEqual(message.usage, { input_tokens: 4, output_tokens: 4 });
});

test('a conversation reaches the model in order, with its settings', async () => {
  const conversation = [
    { role: 'user', content: 'One?' },
    { role: 'assistant', content: 'Two.' },
    { role: 'user', content: [{ type: 'text', text: 'Three?', cache_control: { type: 'ephemeral' } }] },
  ];
  const settings = {
    system: [{ type: 'text', text: 'Be brief.' }],
    max_tokens: 64,
    temperature: 0.7,
    top_k: 5,
    stop_sequences: ['END'],
    metadata: { user_id: 'u-1' },
  };
  await messages().create({ model: 'sample', messages: conversation, ...settings });
  assert.deepEqual(await model.last(), { model: 'sample', messages: conversation, ...settings });
});

test('the version and the betas asked for reach the model', async () => {
  await client().beta.messages.create(ask('Hello.', { betas: ['context-1m-2025-08-07'] }));
  const headers = await model.lastHeaders();
  assert.equal(headers['anthropic-version'], '2023-06-01');
  assert.match(headers['anthropic-beta'], /context-1m-2025-08-07/);
});

test('the raw response carries the request, the decision and the policy in headers', async () => {
  const { response, request_id: id } = await messages().create(ask('Hello.')).withResponse();
  for (const header of ['x-request-id', 'x-decision-id', 'x-policy-version'])
    assert.ok(response.headers.get(header), header);
  assert.ok(id, "the SDK's own way to the request id works");
});

test('a limit on tokens ends the message with the reason max_tokens', async () => {
  const message = await messages().create(ask('[[say: one two three four]]', { max_tokens: 2 }));
  assert.equal(message.content[0].text, 'one two');
  assert.equal(message.stop_reason, 'max_tokens');
});

test('a stream has the whole sequence of events and says the same', async () => {
  const { events, types, text, stopReason } = await read(
    await messages().create(ask('[[say: one two three four five six]]', { stream: true })),
  );
  assert.equal(text, 'one two three four five six');
  assert.equal(stopReason, 'end_turn');
  const outline = types.filter((type) => type !== 'content_block_delta' && type !== 'ping');
  assert.deepEqual(outline, [
    'message_start', 'content_block_start', 'content_block_stop', 'message_delta', 'message_stop',
  ]);
  assert.equal(events[0].message.model, 'sample');
  assert.equal(events.at(-2).usage.output_tokens, 6);
});

test('a stream arrives while the model is still speaking', async () => {
  const stream = await messages().create(ask(`[[say: ${'word '.repeat(20)}]] [[delay: 25ms]]`, { stream: true }));
  const times = [];
  for await (const { type } of stream) if (type === 'content_block_delta') times.push(performance.now());
  assert.ok(times.length >= 5, `${times.length} deltas`);
  assert.ok(times.at(-1) - times[0] >= 200, `all within ${times.at(-1) - times[0]} ms`);
});

test('the stream helper gives text, the final text and the final message', async () => {
  const stream = messages().stream(ask('[[say: streamed and put together]]'));
  const deltas = [];
  stream.on('text', (delta) => deltas.push(delta));
  const message = await stream.finalMessage();
  assert.equal(message.content[0].text, 'streamed and put together');
  assert.equal(message.stop_reason, 'end_turn');
  assert.equal(deltas.join(''), message.content[0].text);
  assert.equal(await stream.finalText(), message.content[0].text);
});

test('thinking arrives in a block of its own, with its signature, streamed or not', async () => {
  const request = ask('[[think: First this, then that.]] [[say: done]]', {
    thinking: { type: 'enabled', budget_tokens: 1024 },
  });
  const { content } = await messages().create(request);
  assert.deepEqual(content.map(({ type }) => type), ['thinking', 'text']);
  assert.equal(content[0].thinking, 'First this, then that.');
  assert.ok(content[0].signature);
  const streamed = await messages().stream(request).finalMessage();
  assert.deepEqual(streamed.content, content);
  const next = [...request.messages, { role: 'assistant', content }, { role: 'user', content: 'And now?' }];
  await messages().create({ ...request, messages: next });
  assert.deepEqual((await model.last()).messages[1].content, content, 'thinking goes back as it came');
});

test('tokens are counted', async () => {
  const { input_tokens: count } = await messages().countTokens({
    model: 'sample',
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'One two three.' }],
  });
  assert.equal(count, 5);
});

test('models are listed', async () => {
  const ids = [];
  for await (const { id, type } of client().models.list()) ids.push(type === 'model' && id);
  assert.deepEqual(ids, ['plimsoll-sample-1']);
});

test('structured output is parsed into the schema asked for, streamed or not', async () => {
  const format = jsonSchemaOutputFormat({
    type: 'object',
    properties: {
      city: { type: 'string' },
      warm: { type: 'boolean' },
      days: { type: 'array', items: { type: 'object', properties: { windy: { type: 'boolean' } } } },
    },
    required: ['city', 'warm', 'days'],
  });
  const request = ask('Bern [[chunks: 5]]', { output_config: { format } });
  const { parsed_output: parsed } = await messages().parse(request);
  assert.deepEqual(parsed, { city: 'You said: Bern', warm: true, days: [{ windy: true }] });
  assert.deepEqual((await messages().stream(request).finalMessage()).parsed_output, parsed);
});
