// The official SDK, unmodified but for its base URL.
import Anthropic from '@anthropic-ai/sdk';

export const connect = ({ url }, options) =>
  new Anthropic({ baseURL: url, apiKey: 'sk-ant-conformance', timeout: 20_000, ...options });

export const ask = (content, options) => ({
  model: 'sample',
  max_tokens: 4096,
  messages: [{ role: 'user', content }],
  ...options,
});

// What a stream of events came to: its text, and what each block's deltas add up to.
export async function read(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  const deltas = events.filter(({ type }) => type === 'content_block_delta').map(({ delta }) => delta);
  return {
    events,
    types: events.map(({ type }) => type),
    text: deltas.map((delta) => delta.text ?? '').join(''),
    thinking: deltas.map((delta) => delta.thinking ?? '').join(''),
    json: deltas.map((delta) => delta.partial_json ?? '').join(''),
    stopReason: events.findLast(({ type }) => type === 'message_delta')?.delta.stop_reason,
  };
}
