import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fails, startGateway, startModel } from '../harness.mjs';
import { embeddings, models } from './clients.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const withholding = await startGateway(model, { policy: 'conformance/policies/withhold-personal-data.yaml' });

const address = 'jane.doe@example.com';

// Long enough that the first part is on its way before the end is known.
const lead = 'All is well on the eastern line today. '.repeat(20);
const late = `[[say: ${lead}Ask ${address} about it.]] [[delay: 1ms]]`;

async function read(stream) {
  let whole;
  for await (const piece of await stream) whole = whole ? whole.concat(piece) : piece;
  return whole;
}

function refused(error) {
  assert.equal(error.status, 400, `${error}`);
  assert.match(error.message, /declined by the organisation's AI governance policy/);
  assert.ok(!error.message.includes('jane'), 'the refusal repeats nothing of the prompt');
}

// How each says that a filter withheld the answer.
const withheld = {
  'OpenAI chat': ({ response_metadata: metadata }) => assert.equal(metadata.finish_reason, 'content_filter'),
  'OpenAI responses': ({ response_metadata: metadata }) =>
    assert.deepEqual(metadata.incomplete_details, { reason: 'content_filter' }),
  'Anthropic messages': ({ response_metadata: metadata, additional_kwargs: more }) =>
    assert.equal(metadata.stop_reason ?? more.stop_reason, 'refusal'),
};

for (const [name, connect] of Object.entries(models)) {
  test(`${name}: a refusal is a typed error, streamed or not`, async () => {
    refused(await fails(connect(gateway).invoke(`Write to ${address} for me.`)));
    refused(await fails(read(connect(gateway).stream(`Write to ${address} for me.`))));
  });

  test(`${name}: personal data in an answer is replaced, streamed or not`, async () => {
    const expected = 'You can write to [REDACTED:EMAIL_ADDRESS] at any time.';
    assert.equal((await connect(gateway).invoke('[[canned: email]]')).text, expected);
    assert.equal((await read(connect(gateway).stream('[[canned: email]] [[chunks: 3]]'))).text, expected);
  });

  test(`${name}: a withheld answer says so, streamed or not`, async () => {
    const message = await connect(withholding).invoke('[[canned: email]]');
    withheld[name](message);
    assert.ok(!JSON.stringify(message).includes('jane'));
    const streamed = await read(connect(withholding).stream(late));
    if (name !== 'OpenAI responses') withheld[name](streamed); // of these, it reads no end but "completed"
    assert.ok(`${lead}Ask `.startsWith(streamed.text.trimEnd()), streamed.text);
  });

  test(`${name}: a provider's failure keeps its status`, async () => {
    for (const status of [400, 429, 503])
      assert.equal((await fails(connect(gateway).invoke(`[[fault: ${status}]]`))).status, status);
  });

  for (const fault of ['reset', 'truncate', 'garbage']) {
    test(`${name}: a stream that breaks (${fault}) is an error`, async () => {
      await fails(read(connect(gateway).stream(`[[say: one two three four five six]] [[fault: ${fault}]]`)));
    });
  }
}

test('a refused embedding is a typed error', async () => {
  refused(await fails(embeddings(gateway).embedQuery(`Write to ${address}.`)));
});
