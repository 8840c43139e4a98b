import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { startGateway, startModel } from '../harness.mjs';
import { ask, connect } from './client.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const chat = () => connect(gateway).chat.completions;

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
};
const weather = { type: 'function', function: { name: 'weather', description: 'Forecast', parameters } };
const question = 'Please call the tool for Zürich 🌦.';
const expected = { city: question, days: 1 };

test('a tool call arrives whole', async () => {
  const { choices } = await chat().create(ask(question, { tools: [weather] }));
  assert.equal(choices[0].finish_reason, 'tool_calls');
  assert.equal(choices[0].message.content, null);
  const [call] = choices[0].message.tool_calls;
  assert.match(call.id, /^call_/);
  assert.equal(call.type, 'function');
  assert.equal(call.function.name, 'weather');
  assert.deepEqual(JSON.parse(call.function.arguments), expected);
  assert.deepEqual((await model.last()).tools, [weather]);
});

test('a streamed tool call is put together from its pieces', async () => {
  const stream = await chat().create(ask(`${question} [[chunks: 3]]`, { tools: [weather], stream: true }));
  let id, name, reason;
  let given = '';
  for await (const { choices } of stream) {
    for (const call of choices[0].delta.tool_calls ?? []) {
      assert.equal(call.index, 0);
      id ??= call.id;
      name ??= call.function?.name;
      given += call.function?.arguments ?? '';
    }
    reason ??= choices[0].finish_reason ?? undefined;
  }
  assert.match(id, /^call_/);
  assert.equal(name, 'weather');
  assert.deepEqual(JSON.parse(given), expected);
  assert.equal(reason, 'tool_calls');
});

test('the stream helper parses the arguments of a strict tool', async () => {
  const strict = { ...weather, function: { ...weather.function, strict: true } };
  const stream = chat().stream(ask(question, { tools: [strict] }));
  const [call] = (await stream.finalMessage()).tool_calls;
  assert.equal(call.function.name, 'weather');
  assert.deepEqual(call.function.parsed_arguments, expected);
});

for (const streamed of [false, true]) {
  test(`the SDK runs a tool and hands its result to the model${streamed ? ', streamed' : ''}`, async () => {
    const calls = [];
    const run = (given) => (calls.push(given), 'sunny, 21 degrees');
    const runner = chat().runTools(
      ask(question, {
        stream: streamed,
        tools: [{ type: 'function', function: { ...weather.function, parse: JSON.parse, function: run } }],
      }),
    );
    assert.equal(await runner.finalContent(), 'The tool said: sunny, 21 degrees');
    assert.deepEqual(calls, [expected]);
    const result = (await model.last()).messages.at(-1);
    assert.equal(result.role, 'tool');
    assert.equal(result.content, 'sunny, 21 degrees');
  });
}

test('structured output is parsed into the schema asked for, streamed or not', async () => {
  const Forecast = z.object({ city: z.string(), kind: z.enum(['sun', 'rain']), days: z.array(z.number()) });
  const request = ask('Bern [[chunks: 5]]', { response_format: zodResponseFormat(Forecast, 'forecast') });
  const { choices } = await chat().parse(request);
  assert.deepEqual(choices[0].message.parsed, { city: 'You said: Bern', kind: 'sun', days: [1] });
  const message = await chat().stream(request).finalMessage();
  assert.deepEqual(message.parsed, choices[0].message.parsed);
});
