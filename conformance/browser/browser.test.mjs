// A real browser reads /proxy/completion/stream with fetch and a reader, from a page of the gateway's own origin.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { startGateway, startModel } from '../harness.mjs';

const model = await startModel();
const gateway = await startGateway(model);
const browser = await chromium.launch({
  executablePath: process.env.PLIMSOLL_CHROMIUM || '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
after(() => browser.close());

async function open(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const response = await page.goto(`${gateway.url}/health`);
  assert.equal(response.status(), 200);
  return page;
}

// What the page's reader got, and when, in the page's own milliseconds.
const stream = (page, prompt) =>
  page.evaluate(async (prompt) => {
    const resp = await fetch('/proxy/completion/stream', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ prompt }),
    });
    const reader = resp.body.getReader();
    const decoder = new TextDecoder();
    const chunks = [];
    const times = [];
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(decoder.decode(value, { stream: true }));
      times.push(performance.now());
    }
    return { status: resp.status, type: resp.headers.get('content-type'), chunks, times };
  }, prompt);

// The events in a stream, as the HTML standard reads them.
function events(chunks) {
  const blocks = chunks.join('').split('\n\n');
  assert.equal(blocks.pop(), '', 'the last event is complete');
  return blocks.map((block) => {
    const event = { name: 'message', data: [] };
    for (const line of block.split('\n')) {
      const [, field, value] = /^(\w+):? ?(.*)$/.exec(line) ?? assert.fail(`not a field: ${JSON.stringify(line)}`);
      if (field === 'event') event.name = value;
      if (field === 'data') event.data.push(value);
    }
    return { ...event, data: event.data.join('\n') };
  });
}
const text = (chunks) => events(chunks).map(({ data }) => data).join('');

test("the founding document's snippet works as it stands", async (t) => {
  const page = await open(t);
  const printed = [];
  page.on('console', (message) => {
    if (!message.location().url.endsWith('/favicon.ico')) printed.push(message.text());
  });
  await page.evaluate(async () => {
    // POST and read streaming response using fetch + ReadableStream
    async function streamCompletion() {
      const resp = await fetch('/proxy/completion/stream', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ prompt: 'Hi' }),
      });

      if (!resp.body) throw new Error('No streaming body on response');
      const reader = resp.body.getReader();
      const decoder = new TextDecoder();
      while (true) {
        const { done, value } = await reader.read();
        if (done) break;
        const chunk = decoder.decode(value, { stream: true });
        console.log('chunk:', chunk);
      }
    }

    await streamCompletion().catch((err) => console.error('stream error', err));
    console.log('done');
  });
  while (printed.at(-1) !== 'done') await page.waitForEvent('console');
  printed.pop();
  assert.ok(printed.length > 0);
  for (const line of printed) assert.match(line, /^chunk: data: /);
  assert.equal(text(printed.map((line) => line.slice('chunk: '.length))), 'You said: Hi');
});

test('the text arrives while the model is still speaking, whole, and the stream ends', async (t) => {
  const words = 'The load line shows how deep a ship may lie in the water.';
  const { status, type, chunks, times } = await stream(await open(t), `[[say: ${words}]] [[delay: 50ms]]`);
  assert.equal(status, 200);
  assert.match(type, /^text\/event-stream/);
  assert.ok(chunks.length >= 4, `${chunks.length} chunks`);
  assert.ok(times.at(-1) - times[0] >= 200, `all within ${times.at(-1) - times[0]} ms`);
  assert.equal(text(chunks), words);
});

test('line breaks of any kind never break the framing', async (t) => {
  const { chunks } = await stream(await open(t), '[[canned: crlf]]');
  assert.equal(text(chunks), 'line one\nline two\nline three\n\nline five');
});

test('characters of any length arrive whole', async (t) => {
  const words = '日本語 \u{1F469}\u{200D}\u{1F52C} e\u0301 \u{1F600}';
  const { chunks } = await stream(await open(t), `[[say: ${words}]] [[chunks: 1]]`);
  assert.equal(text(chunks), words);
});

test('personal data in the answer arrives replaced', async (t) => {
  const { status, chunks } = await stream(await open(t), '[[canned: email]] [[chunks: 4]] [[delay: 10ms]]');
  assert.equal(status, 200);
  assert.equal(text(chunks), 'You can write to [REDACTED:EMAIL_ADDRESS] at any time.');
});

test('a blocked prompt is a 403 with its reasons in JSON', async (t) => {
  const { status, type, chunks } = await stream(await open(t), 'Write to jane.doe@example.com for me.');
  assert.equal(status, 403);
  assert.match(type, /^application\/json/);
  const body = JSON.parse(chunks.join(''));
  assert.equal(body.allowed, false);
  assert.equal(body.action, 'block');
  assert.deepEqual(body.reasons, ['PII without lawful basis']);
});

test('a model that breaks off half way is an error event, and the stream still ends', async (t) => {
  const { chunks } = await stream(await open(t), '[[say: one two three four five six]] [[fault: reset]]');
  const last = events(chunks).at(-1);
  assert.equal(last.name, 'error');
  assert.ok(JSON.parse(last.data).error.message);
});

test('a reader that stops half way harms nobody else', async (t) => {
  const page = await open(t);
  await page.evaluate(async () => {
    const { body } = await fetch('/proxy/completion/stream', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ prompt: '[[say: one two three four five six]] [[delay: 100ms]]' }),
    });
    const reader = body.getReader();
    await reader.read();
    await reader.cancel();
  });
  assert.equal(text((await stream(page, 'Still there?')).chunks), 'You said: Still there?');
});
