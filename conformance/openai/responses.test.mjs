import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { startGateway, startModel } from '../harness.mjs';
import { connect, textOf } from './client.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const responses = () => connect(gateway).responses;
const ask = (input, options) => ({ model: 'sample', input, ...options });

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
};
const weather = { type: 'function', name: 'weather', description: 'Forecast', parameters, strict: true };
const question = 'Please call the tool for Zürich 🌦.';
const expected = { city: question, days: 1 };

test('a response arrives as the model gave it', async () => {
  const response = await responses().create(ask('Hello there.', { instructions: 'Be brief.' }));
  assert.equal(response.object, 'response');
  assert.equal(response.status, 'completed');
  assert.equal(response.model, 'sample');
  assert.equal(response.instructions, 'Be brief.');
  assert.equal(response.output_text, 'You said: Hello there.');
  assert.equal(response.usage.total_tokens, 8);
  assert.ok(response._request_id, 'the request id is readable');
});

test('a conversation reaches the model in order, with its settings', async () => {
  const input = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'One?' },
    { role: 'assistant', content: 'Two.' },
    { role: 'user', content: [{ type: 'input_text', text: 'Three?' }] },
  ];
  const settings = { temperature: 0.7, top_p: 0.9, store: false, metadata: { a: 'b' }, user: 'u-1' };
  const response = await responses().create(ask(input, settings));
  assert.equal(response.output_text, 'You said: Three?');
  assert.deepEqual(await model.last(), { model: 'sample', input, ...settings });
});

test('a stream has its events in order, numbered, and says the same', async () => {
  const stream = await responses().create(ask('[[say: one two three four five six]]', { stream: true }));
  const events = [];
  for await (const event of stream) events.push(event);
  assert.deepEqual(events.slice(0, 4).map(({ type }) => type), [
    'response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added',
  ]);
  assert.deepEqual(events.slice(-4).map(({ type }) => type), [
    'response.output_text.done', 'response.content_part.done', 'response.output_item.done', 'response.completed',
  ]);
  const numbers = events.map((event) => event.sequence_number);
  assert.ok(numbers.every((number, i) => i === 0 || number > numbers[i - 1]), `${numbers}`);
  assert.equal(textOf(events), 'one two three four five six');
  assert.equal(events.find(({ type }) => type === 'response.output_text.done').text, textOf(events));
  assert.equal(events.at(-1).response.output[0].content[0].text, textOf(events));
});

test('a stream arrives while the model is still speaking', async () => {
  const stream = await responses().create(ask(`[[say: ${'word '.repeat(20)}]] [[delay: 25ms]]`, { stream: true }));
  const times = [];
  for await (const { type } of stream) if (type === 'response.output_text.delta') times.push(performance.now());
  assert.ok(times.length >= 5, `${times.length} deltas`);
  assert.ok(times.at(-1) - times[0] >= 200, `all within ${times.at(-1) - times[0]} ms`);
});

test('the stream helper gives the final response', async () => {
  const stream = responses().stream(ask('[[say: streamed and put together]]'));
  const deltas = [];
  stream.on('response.output_text.delta', ({ delta }) => deltas.push(delta));
  const response = await stream.finalResponse();
  assert.equal(response.output_text, 'streamed and put together');
  assert.equal(deltas.join(''), response.output_text);
});

test('a tool is called, and its result told on', async () => {
  const first = await responses().create(ask(question, { tools: [weather] }));
  const [call] = first.output;
  assert.equal(call.type, 'function_call');
  assert.equal(call.name, 'weather');
  assert.deepEqual(JSON.parse(call.arguments), expected);
  assert.deepEqual((await model.last()).tools, [weather]);
  const result = { type: 'function_call_output', call_id: call.call_id, output: 'sunny, 21 degrees' };
  const items = [{ role: 'user', content: question }, call, result];
  const second = await responses().create(ask(items, { tools: [weather] }));
  assert.equal(second.output_text, 'The tool said: sunny, 21 degrees');
  assert.deepEqual((await model.last()).input.at(-1), result);
});

test('a streamed tool call is put together from its pieces', async () => {
  const stream = await responses().create(ask(`${question} [[chunks: 3]]`, { tools: [weather], stream: true }));
  const events = [];
  for await (const event of stream) events.push(event);
  const of = (type) => events.filter((event) => event.type === type);
  assert.equal(of('response.output_item.added')[0].item.name, 'weather');
  const given = of('response.function_call_arguments.delta').map(({ delta }) => delta).join('');
  assert.deepEqual(JSON.parse(given), expected);
  assert.equal(of('response.function_call_arguments.done')[0].arguments, given);
  assert.equal(of('response.output_item.done')[0].item.arguments, given);
  assert.equal(events.at(-1).type, 'response.completed');
});

test('reasoning arrives as an item of its own, streamed or not', async () => {
  const input = '[[think: First this, then that.]] [[say: done]]';
  const { output, output_text: text } = await responses().create(ask(input));
  assert.deepEqual(output.map(({ type }) => type), ['reasoning', 'message']);
  assert.equal(output[0].summary[0].text, 'First this, then that.');
  assert.equal(text, 'done');
  const whole = await responses().stream(ask(input)).finalResponse();
  assert.equal(whole.output[0].summary[0].text, 'First this, then that.');
  assert.equal(whole.output_text, 'done');
});

test('a limit on tokens leaves the response incomplete, and says why', async () => {
  const response = await responses().create(ask('[[say: one two three four]]', { max_output_tokens: 2 }));
  assert.equal(response.output_text, 'one two');
  assert.equal(response.status, 'incomplete');
  assert.equal(response.incomplete_details.reason, 'max_output_tokens');
});

const Forecast = z.object({
  city: z.string(),
  kind: z.enum(['sun', 'rain']),
  days: z.array(z.object({ day: z.number(), windy: z.boolean() })),
});

test('structured output is parsed into the schema asked for', async () => {
  const text = { format: zodTextFormat(Forecast, 'forecast') };
  const { output_parsed: parsed } = await responses().parse(ask('Bern', { text }));
  assert.deepEqual(parsed, { city: 'You said: Bern', kind: 'sun', days: [{ day: 1, windy: true }] });
  const whole = await responses().stream(ask('Bern [[chunks: 5]]', { text })).finalResponse();
  assert.deepEqual(whole.output_parsed, parsed);
});

test('a strict tool is parsed', async () => {
  const { output } = await responses().parse(ask(question, { tools: [weather] }));
  assert.deepEqual(output[0].parsed_arguments, expected);
});
