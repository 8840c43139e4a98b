import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway, startModel } from '../harness.mjs';
import { ask, connect, read } from './client.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const chat = () => connect(gateway).chat.completions;

test('an answer arrives as the model gave it', async () => {
  const answer = await chat().create(ask('Hello there.'));
  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.model, 'sample');
  assert.equal(answer.choices[0].message.role, 'assistant');
  assert.equal(answer.choices[0].message.content, 'You said: Hello there.');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.deepEqual(answer.usage, { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 });
  assert.ok(answer._request_id, 'the request id is readable');
});

test('a conversation reaches the model in order, with its settings', async () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'One?' },
    { role: 'assistant', content: 'Two.' },
    { role: 'user', content: [{ type: 'text', text: 'Three?' }] },
  ];
  await chat().create({ model: 'sample', messages, temperature: 0.7, seed: 11, stop: ['END'], user: 'u-1' });
  const { messages: received, ...settings } = await model.last();
  assert.deepEqual(received, messages);
  assert.deepEqual(settings, { model: 'sample', temperature: 0.7, seed: 11, stop: ['END'], user: 'u-1' });
});

test('the raw response carries the request, the decision and the policy in headers', async () => {
  const { response } = await chat().create(ask('Hello.')).withResponse();
  for (const header of ['x-request-id', 'x-decision-id', 'x-policy-version'])
    assert.ok(response.headers.get(header), header);
});

test('a limit on tokens ends the answer with the reason "length"', async () => {
  const answer = await chat().create(ask('[[say: one two three four]]', { max_completion_tokens: 2 }));
  assert.equal(answer.choices[0].message.content, 'one two');
  assert.equal(answer.choices[0].finish_reason, 'length');
});

test('a stream is read with for await', async () => {
  const stream = await chat().create(ask('[[say: one two three four five six]]', { stream: true }));
  const { chunks, text, finishReason } = await read(stream);
  assert.equal(text, 'one two three four five six');
  assert.equal(finishReason, 'stop');
  assert.ok(chunks.length >= 4, `${chunks.length} chunks`);
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
  for (const chunk of chunks) assert.equal(chunk.object, 'chat.completion.chunk');
});

test('a stream arrives while the model is still speaking', async () => {
  const stream = await chat().create(ask(`[[say: ${'word '.repeat(20)}]] [[delay: 25ms]]`, { stream: true }));
  const times = [];
  for await (const chunk of stream) if (chunk.choices[0].delta.content) times.push(performance.now());
  assert.ok(times.length >= 5, `${times.length} chunks`);
  assert.ok(times.at(-1) - times[0] >= 200, `all within ${times.at(-1) - times[0]} ms`);
});

test('the stream helper gives events, the final message and the final completion', async () => {
  const stream = chat().stream(ask('[[say: streamed and put together]]'));
  const deltas = [];
  stream.on('content', (delta) => deltas.push(delta));
  const message = await stream.finalMessage();
  assert.equal(message.role, 'assistant');
  assert.equal(message.content, 'streamed and put together');
  assert.equal(deltas.join(''), message.content);
  assert.equal(await stream.finalContent(), message.content);
  const whole = await stream.finalChatCompletion();
  assert.equal(whole.choices[0].finish_reason, 'stop');
  assert.equal(whole.model, 'sample');
});

test('include_usage brings the usage in the last chunk, and only there', async () => {
  const options = { stream: true, stream_options: { include_usage: true } };
  const { chunks, text } = await read(await chat().create(ask('Count me.', options)));
  const last = chunks.pop();
  assert.deepEqual(last.choices, []);
  assert.deepEqual(last.usage, { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 });
  assert.ok(chunks.every((chunk) => chunk.usage == null));
  assert.equal(text, 'You said: Count me.');

  const helper = chat().stream(ask('Count me.', { stream_options: options.stream_options }));
  assert.equal((await helper.totalUsage()).total_tokens, 6);
});

test('characters of any length survive being split over chunks', async () => {
  const text = 'naïve Ωmega 日本語 \u{1F469}\u{200D}\u{1F52C} \u{1F1EA}\u{1F1FA} e\u0301 \u{1F600}\u{1F600}';
  for (const size of [1, 2, 3, 5]) {
    const stream = await chat().create(ask(`[[say: ${text}]] [[chunks: ${size}]]`, { stream: true }));
    const { chunks, text: received } = await read(stream);
    assert.equal(received, text);
    for (const { choices } of chunks) assert.doesNotMatch(choices[0].delta.content ?? '', /\p{Surrogate}|\uFFFD/u);
  }
  assert.equal((await chat().create(ask(`[[say: ${text}]]`))).choices[0].message.content, text);
});

test('two choices are answered and streamed as two', async () => {
  const answer = await chat().create(ask('[[say: the same twice]]', { n: 2 }));
  assert.deepEqual(
    answer.choices.map(({ index, message }) => [index, message.content]),
    [[0, 'the same twice'], [1, 'the same twice']],
  );
  const stream = await chat().create(ask('[[say: the same twice]]', { n: 2, stream: true }));
  const { texts, finishReasons } = await read(stream);
  assert.deepEqual(texts, ['the same twice', 'the same twice']);
  assert.deepEqual(finishReasons, ['stop', 'stop']);
});

test('fifty streams at once each get their own answer', async () => {
  const client = connect(gateway);
  const one = async (i) => {
    const words = Array.from({ length: 20 }, (_, k) => `word-${i}-${k}`).join(' ');
    const stream = await client.chat.completions.create(ask(`[[say: ${words}]] [[delay: 5ms]]`, { stream: true }));
    const { text, finishReason } = await read(stream);
    assert.equal(text, words);
    assert.equal(finishReason, 'stop');
  };
  await Promise.all(Array.from({ length: 50 }, (_, i) => one(i)));
});

test('a client that leaves half way harms nobody else', async () => {
  const slow = ask('[[say: one two three four five six]] [[delay: 100ms]]', { stream: true });
  const stream = await chat().create(slow);
  for await (const chunk of stream) if (chunk.choices[0].delta.content) break; // the SDK hangs up
  const answer = await chat().create(ask('Still there?'));
  assert.equal(answer.choices[0].message.content, 'You said: Still there?');
});
