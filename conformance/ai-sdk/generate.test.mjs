import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embed, embedMany, generateObject, generateText, stepCountIs, streamObject, streamText, tool } from 'ai';
import { z } from 'zod';
import { startGateway, startModel } from '../harness.mjs';
import { models, openai } from './clients.mjs';

const model = await startModel();
const gateway = await startGateway(model);

const Forecast = z.object({
  city: z.string(),
  kind: z.enum(['sun', 'rain']),
  days: z.array(z.object({ day: z.number(), windy: z.boolean() })),
});
const forecast = { city: 'You said: Bern', kind: 'sun', days: [{ day: 1, windy: true }] };

for (const [name, connect] of Object.entries(models)) {
  const by = connect(gateway);

  test(`${name}: generateText gives the answer, its reason and its usage`, async () => {
    const request = { model: by, system: 'Be brief.', prompt: 'Hello there.' };
    const { text, finishReason, usage } = await generateText(request);
    assert.equal(text, 'You said: Hello there.');
    assert.equal(finishReason, 'stop');
    assert.equal(usage.outputTokens, 4);
  });

  test(`${name}: streamText gives the text as it comes, and the whole`, async () => {
    const result = streamText({ model: by, prompt: `[[say: ${'word '.repeat(20)}]] [[delay: 25ms]]` });
    const times = [];
    let text = '';
    for await (const piece of result.textStream) {
      times.push(performance.now());
      text += piece;
    }
    assert.equal(text.trim(), 'word '.repeat(20).trim());
    assert.equal(await result.finishReason, 'stop');
    assert.ok(times.at(-1) - times[0] >= 200, `all within ${times.at(-1) - times[0]} ms`);
  });

  for (const stream of [false, true]) {
    test(`${name}: a tool is run and its result handed to the model${stream ? ', streamed' : ''}`, async () => {
      const calls = [];
      const weather = tool({
        description: 'Forecast',
        inputSchema: z.object({ city: z.string(), days: z.number() }),
        execute: (input) => (calls.push(input), 'sunny, 21 degrees'),
      });
      const prompt = 'Please call the tool for Zürich 🌦.';
      const request = { model: by, prompt, tools: { weather }, stopWhen: stepCountIs(2) };
      const text = stream ? await streamText(request).text : (await generateText(request)).text;
      assert.match(text, /^The tool said: .*sunny, 21 degrees/);
      assert.deepEqual(calls, [{ city: prompt, days: 1 }]);
    });
  }

  test(`${name}: generateObject and streamObject give an object of the schema`, async () => {
    const { object } = await generateObject({ model: by, schema: Forecast, prompt: 'Bern' });
    assert.equal(object.kind, forecast.kind);
    assert.match(object.city, /Bern/);
    assert.deepEqual(object.days, forecast.days);
    const streamed = streamObject({ model: by, schema: Forecast, prompt: 'Bern' });
    let partials = 0;
    for await (const _ of streamed.partialObjectStream) ++partials;
    assert.ok(partials > 0);
    assert.deepEqual(await streamed.object, object);
  });
}

test('reasoning is told apart from the answer', async () => {
  for (const name of ['OpenAI responses', 'Anthropic messages']) {
    const prompt = '[[think: First this.]] [[say: done]]';
    const { text, reasoningText } = await generateText({ model: models[name](gateway), prompt });
    assert.equal(text, 'done', name);
    assert.equal(reasoningText, 'First this.', name);
    const streamed = streamText({ model: models[name](gateway), prompt });
    assert.equal(await streamed.text, 'done', name);
    assert.equal(await streamed.reasoningText, 'First this.', name);
  }
});

test('embed and embedMany give vectors', async () => {
  const by = openai(gateway).embedding('sample');
  const { embedding } = await embed({ model: by, value: 'a harbour at dawn' });
  assert.equal(embedding.length, 64);
  const { embeddings, usage } = await embedMany({ model: by, values: ['a harbour at dawn', 'another'] });
  assert.deepEqual(embeddings[0], embedding);
  assert.equal(usage.tokens, 5);
});
