import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { tool } from '@langchain/core/tools';
import { z } from 'zod';
import { startGateway, startModel } from '../harness.mjs';
import { embeddings, models } from './clients.mjs';

const model = await startModel();
const gateway = await startGateway(model);

const weather = tool(() => 'sunny, 21 degrees', {
  name: 'weather',
  description: 'Forecast',
  schema: z.object({ city: z.string(), days: z.number() }),
});
const question = 'Please call the tool for Zürich 🌦.';
const expected = { city: question, days: 1 };

for (const [name, connect] of Object.entries(models)) {
  const by = connect(gateway);

  test(`${name}: invoke gives the answer and its usage`, async () => {
    const message = await by.invoke([new SystemMessage('Be brief.'), new HumanMessage('Hello there.')]);
    assert.equal(message.text, 'You said: Hello there.');
    assert.equal(message.usage_metadata.input_tokens, 4);
    assert.equal(message.usage_metadata.output_tokens, 4);
  });

  test(`${name}: stream gives the answer in pieces that add up to it`, async () => {
    let whole;
    let pieces = 0;
    for await (const piece of await by.stream('[[say: one two three four five six]]')) {
      whole = whole ? whole.concat(piece) : piece;
      ++pieces;
    }
    assert.ok(pieces >= 6, `${pieces} pieces`);
    assert.equal(whole.text, 'one two three four five six');
  });

  test(`${name}: a tool is called, and its result told on`, async () => {
    const bound = by.bindTools([weather]);
    const first = await bound.invoke(question);
    const [call] = first.tool_calls;
    assert.equal(call.name, 'weather');
    assert.deepEqual(call.args, expected);
    const result = await weather.invoke(call);
    assert.ok(ToolMessage.isInstance?.(result) ?? result instanceof ToolMessage);
    const second = await bound.invoke([new HumanMessage(question), first, result]);
    assert.equal(second.text, 'The tool said: sunny, 21 degrees');
  });

  test(`${name}: a streamed tool call is put together from its pieces`, async () => {
    let whole;
    for await (const piece of await by.bindTools([weather]).stream(`${question} [[chunks: 3]]`))
      whole = whole ? whole.concat(piece) : piece;
    assert.equal(whole.tool_calls.length, 1);
    assert.equal(whole.tool_calls[0].name, 'weather');
    assert.deepEqual(whole.tool_calls[0].args, expected);
  });

  test(`${name}: structured output has the schema asked for`, async () => {
    const schema = z.object({ city: z.string(), kind: z.enum(['sun', 'rain']), days: z.array(z.number()) });
    const answer = await by.withStructuredOutput(schema, { name: 'forecast' }).invoke('Bern');
    assert.match(answer.city, /Bern/);
    assert.deepEqual({ ...answer, city: '' }, { city: '', kind: 'sun', days: [1] });
  });

  test(`${name}: it is a link in a chain`, async () => {
    const prompt = ChatPromptTemplate.fromMessages([['user', 'Tell me about {place}.']]);
    const chain = prompt.pipe(by).pipe(new StringOutputParser());
    assert.equal(await chain.invoke({ place: 'Bern' }), 'You said: Tell me about Bern.');
  });
}

test('embeddings of documents and of a query agree', async () => {
  const by = embeddings(gateway);
  const vectors = await by.embedDocuments(['a harbour at dawn', 'another']);
  assert.equal(vectors.length, 2);
  assert.deepEqual(await by.embedQuery('a harbour at dawn'), vectors[0]);
});
