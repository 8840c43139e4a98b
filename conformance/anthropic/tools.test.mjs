import assert from 'node:assert/strict';
import { test } from 'node:test';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { startGateway, startModel } from '../harness.mjs';
import { ask, connect, read } from './client.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const messages = () => connect(gateway).messages;

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
};
const weather = { name: 'weather', description: 'Forecast', input_schema: schema };
const question = 'Please call the tool for Zürich 🌦.';
const expected = { city: question, days: 1 };

test('a tool is called, and its result told on', async () => {
  const first = await messages().create(ask(question, { tools: [weather] }));
  assert.equal(first.stop_reason, 'tool_use');
  const [call] = first.content;
  assert.equal(call.type, 'tool_use');
  assert.match(call.id, /^toolu_/);
  assert.equal(call.name, 'weather');
  assert.deepEqual(call.input, expected);
  assert.deepEqual((await model.last()).tools, [weather]);

  const result = { type: 'tool_result', tool_use_id: call.id, content: [{ type: 'text', text: 'sunny, 21 degrees' }] };
  const conversation = [
    { role: 'user', content: question },
    { role: 'assistant', content: first.content },
    { role: 'user', content: [result] },
  ];
  const second = await messages().create({ ...ask(''), messages: conversation, tools: [weather] });
  assert.equal(second.content[0].text, 'The tool said: sunny, 21 degrees');
  assert.deepEqual((await model.last()).messages, conversation);
});

test('a streamed tool call is put together from its pieces', async () => {
  const request = ask(`${question} [[chunks: 3]]`, { tools: [weather] });
  const { events, json, stopReason } = await read(await messages().create({ ...request, stream: true }));
  const { content_block: block } = events.find(({ type }) => type === 'content_block_start');
  assert.equal(block.name, 'weather');
  assert.deepEqual(block.input, {});
  assert.deepEqual(JSON.parse(json), expected);
  assert.equal(stopReason, 'tool_use');
  const { content } = await messages().stream(request).finalMessage();
  assert.deepEqual(content[0].input, expected);
});

test('a demanded tool is called', async () => {
  const choice = { tools: [weather], tool_choice: { type: 'tool', name: 'weather' } };
  const { content } = await messages().create(ask('Bern', choice));
  assert.deepEqual(content[0].input, { city: 'Bern', days: 1 });
});

for (const stream of [false, true]) {
  test(`the SDK runs a tool and hands its result to the model${stream ? ', streamed' : ''}`, async () => {
    const calls = [];
    const tool = betaTool({
      name: 'weather',
      description: 'Forecast',
      inputSchema: schema,
      run: (input) => (calls.push(input), 'sunny, 21 degrees'),
    });
    const runner = connect(gateway).beta.messages.toolRunner(ask(question, { tools: [tool], stream }));
    const last = await runner.runUntilDone();
    assert.equal(last.content[0].text, 'The tool said: sunny, 21 degrees');
    assert.deepEqual(calls, [expected]);
  });
}
