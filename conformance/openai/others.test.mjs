// Embeddings, completions, models and moderations.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { fails, startGateway, startModel } from '../harness.mjs';
import { connect } from './client.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const withholding = await startGateway(model, { policy: 'conformance/policies/withhold-personal-data.yaml' });
const client = (at = gateway) => connect(at, { maxRetries: 0 });
const address = 'jane.doe@example.com';

function refused(error) {
  assert.ok(error instanceof OpenAI.BadRequestError, `${error}`);
  assert.equal(error.code, 'content_filter');
  assert.equal(error.type, 'invalid_request_error');
  assert.equal(error.error.innererror.action, 'block');
  assert.ok(!JSON.stringify(error.error).includes(address), 'the refusal repeats nothing of the prompt');
}

test('embeddings arrive as floats and as base64, and are the same', async () => {
  const ask = { model: 'sample', input: ['a harbour at dawn', 'a second text'], dimensions: 32 };
  const decoded = await client().embeddings.create(ask); // the SDK asks for base64 and decodes
  assert.equal((await model.last()).encoding_format, 'base64');
  const floats = await client().embeddings.create({ ...ask, encoding_format: 'float' });
  const raw = await client().embeddings.create({ ...ask, encoding_format: 'base64' });
  assert.deepEqual(decoded.data.map(({ index }) => index), [0, 1]);
  for (const i of [0, 1]) {
    assert.equal(floats.data[i].embedding.length, 32);
    floats.data[i].embedding.forEach((x, k) => assert.ok(Math.abs(x - decoded.data[i].embedding[k]) < 1e-6));
    const bytes = new Uint8Array(Buffer.from(raw.data[i].embedding, 'base64'));
    assert.deepEqual([...new Float32Array(bytes.buffer)], [...decoded.data[i].embedding]);
  }
  assert.deepEqual(floats.usage, { prompt_tokens: 7, total_tokens: 7 });
});

test('a list of tokens, which nobody can read, is refused', async () => {
  const error = await fails(client().embeddings.create({ model: 'sample', input: [1, 2, 3] }));
  refused(error);
  assert.deepEqual(error.error.innererror.reasons, ['content that cannot be inspected']);
});

test('personal data in any text to embed is refused', async () => {
  for (const input of [`Write to ${address}.`, ['harmless', `Write to ${address}.`]])
    refused(await fails(client().embeddings.create({ model: 'sample', input })));
});

test('a failure of embeddings keeps its kind', async () => {
  const error = await fails(client().embeddings.create({ model: 'sample', input: '[[fault: 429]]' }));
  assert.ok(error instanceof OpenAI.RateLimitError, `${error}`);
});

test('a completion arrives, for each of several prompts', async () => {
  const one = await client().completions.create({ model: 'sample', prompt: 'Hello.' });
  assert.equal(one.object, 'text_completion');
  assert.equal(one.choices[0].text, 'You said: Hello.');
  assert.equal(one.choices[0].finish_reason, 'stop');
  const { choices } = await client().completions.create({ model: 'sample', prompt: ['One.', 'Two.'], echo: true });
  assert.deepEqual(choices.map(({ text }) => text), ['One.You said: One.', 'Two.You said: Two.']);
});

async function read(stream) {
  const texts = [];
  const reasons = [];
  for await (const { choices } of stream)
    for (const { index, text, finish_reason: reason } of choices) {
      texts[index] = (texts[index] ?? '') + text;
      if (reason) reasons[index] = reason;
    }
  return { texts, reasons };
}

test('completions are streamed, each prompt in its own choice', async () => {
  const ask = { model: 'sample', prompt: ['One two three.', '[[canned: email]] [[chunks: 3]]'], stream: true };
  const { texts, reasons } = await read(await client().completions.create(ask));
  assert.deepEqual(texts, ['You said: One two three.', 'You can write to [REDACTED:EMAIL_ADDRESS] at any time.']);
  assert.deepEqual(reasons, ['stop', 'stop']);
});

test('a prompt with personal data is refused, streamed or not, wherever it stands', async () => {
  for (const request of [
    { prompt: `Write to ${address}.` },
    { prompt: ['Hello.', `Write to ${address}.`] },
    { prompt: ['Hello.', `Write to ${address}.`], stream: true },
    { prompt: 'Hello.', suffix: `Yours, ${address}` },
  ])
    refused(await fails(client().completions.create({ model: 'sample', ...request })));
});

test('a withheld completion has the finish reason content_filter and no text', async () => {
  const { choices } = await client(withholding).completions.create({ model: 'sample', prompt: '[[canned: email]]' });
  assert.equal(choices[0].finish_reason, 'content_filter');
  assert.ok(!choices[0].text.includes('jane'));
  const streamed = await read(
    await client(withholding).completions.create({ model: 'sample', prompt: '[[canned: email]]', stream: true }),
  );
  assert.deepEqual(streamed.reasons, ['content_filter']);
  assert.ok(!streamed.texts.join().includes('jane'));
});

test('models are listed', async () => {
  const ids = [];
  for await (const { id, object } of client().models.list()) ids.push(object === 'model' && id);
  assert.deepEqual(ids, ['plimsoll-sample-1']);
});

test('moderations are our own verdict, for each input', async () => {
  const input = ['A walk along the harbour.', 'I want to kill myself tonight.'];
  const { id, model: by, results } = await client().moderations.create({ model: 'omni-moderation-latest', input });
  assert.ok(id && by);
  assert.deepEqual(results.map(({ flagged }) => flagged), [false, true]);
  assert.equal(results[0].categories['self-harm'], false);
  assert.equal(results[1].categories['self-harm'], true);
  for (const { categories, category_scores: scores } of results)
    for (const name of ['harassment', 'hate', 'illicit', 'self-harm', 'sexual', 'violence']) {
      assert.equal(typeof categories[name], 'boolean', name);
      assert.ok(scores[name] >= 0 && scores[name] <= 1, `${name}: ${scores[name]}`);
    }
});

test('moderations read the parts of an input', async () => {
  const input = [{ type: 'text', text: 'I want to kill myself tonight.' }];
  const { results } = await client().moderations.create({ input });
  assert.equal(results[0].flagged, true);
});
