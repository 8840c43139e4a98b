// The official SDK, unmodified but for its base URL.
import OpenAI from 'openai';

export const connect = ({ url }, options) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-conformance', timeout: 20_000, ...options });

export const ask = (content, options) => ({
  model: 'sample',
  messages: [{ role: 'user', content }],
  ...options,
});

// What a streamed answer came to, by choice.
export async function read(stream) {
  const chunks = [];
  const texts = [];
  const finishReasons = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    for (const { index, delta, finish_reason: reason } of chunk.choices) {
      texts[index] = (texts[index] ?? '') + (delta.content ?? '');
      if (reason) finishReasons[index] = reason;
    }
  }
  return { chunks, text: texts[0], texts, finishReason: finishReasons[0], finishReasons };
}

// What the deltas of a streamed response came to.
export const textOf = (events) =>
  events.map(({ type, delta }) => (type === 'response.output_text.delta' ? delta : '')).join('');
