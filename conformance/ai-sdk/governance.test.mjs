import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APICallError, embed, generateText, streamText } from 'ai';
import { fails, startGateway, startModel } from '../harness.mjs';
import { models, openai } from './clients.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const withholding = await startGateway(model, { policy: 'conformance/policies/withhold-personal-data.yaml' });

const address = 'jane.doe@example.com';

// Long enough that the first part is on its way before the end is known.
const lead = 'All is well on the eastern line today. '.repeat(20);
const late = `[[say: ${lead}Ask ${address} about it.]] [[delay: 1ms]]`;

// The error that a stream reports; it must report one.
async function failureOf(request) {
  let failure;
  const result = streamText({ ...request, onError: ({ error }) => (failure = error) });
  await result.consumeStream();
  assert.ok(failure, 'no error was reported');
  return failure;
}

function refused(error) {
  assert.ok(APICallError.isInstance(error), `${error}`);
  assert.equal(error.statusCode, 400);
  assert.equal(error.isRetryable, false);
  assert.match(error.message, /declined by the organisation's AI governance policy/);
  assert.ok(!error.responseBody.includes('jane'), 'the refusal repeats nothing of the prompt');
}

for (const [name, connect] of Object.entries(models)) {
  const ask = (prompt, at = gateway) => ({ model: connect(at), prompt, maxRetries: 0 });

  test(`${name}: a refusal is an APICallError that is not tried again`, async () => {
    const before = await gateway.count('plimsoll_decisions_total', { direction: 'prompt' });
    const request = { ...ask(`Write to ${address} for me.`), maxRetries: 2 };
    refused(await fails(generateText(request)));
    refused(await failureOf(request));
    assert.equal(await gateway.count('plimsoll_decisions_total', { direction: 'prompt' }), before + 2);
  });

  test(`${name}: personal data in an answer is replaced, streamed or not`, async () => {
    const expected = 'You can write to [REDACTED:EMAIL_ADDRESS] at any time.';
    assert.equal((await generateText(ask('[[canned: email]]'))).text, expected);
    assert.equal(await streamText(ask('[[canned: email]] [[chunks: 3]]')).text, expected);
  });

  test(`${name}: a withheld answer has the finish reason content-filter, streamed or not`, async () => {
    const { text, finishReason } = await generateText(ask('[[canned: email]]', withholding));
    assert.equal(finishReason, 'content-filter');
    assert.ok(!text.includes('jane'), text);
    const streamed = streamText(ask(late, withholding));
    assert.ok(`${lead}Ask `.startsWith((await streamed.text).trimEnd()));
    assert.equal(await streamed.finishReason, 'content-filter');
  });

  test(`${name}: a provider's failure is an APICallError that may be tried again`, async () => {
    for (const [status, again] of [[400, false], [429, true], [503, true]]) {
      const request = ask(`[[fault: ${status}]]`);
      for (const error of [await fails(generateText(request)), await failureOf(request)]) {
        assert.ok(APICallError.isInstance(error), `${error}`);
        assert.equal(error.statusCode, status);
        assert.equal(error.isRetryable, again);
      }
    }
  });

  for (const fault of ['reset', 'truncate', 'garbage', 'event']) {
    test(`${name}: a stream that breaks (${fault}) reports an error`, async () => {
      await failureOf(ask(`[[say: one two three four five six seven]] [[fault: ${fault}]]`));
    });
  }
}

test('a refused embedding is an APICallError', async () => {
  refused(await fails(embed({ model: openai(gateway).embedding('sample'), value: `Write to ${address}.` })));
});
