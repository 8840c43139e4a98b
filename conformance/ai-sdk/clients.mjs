// The AI SDK's providers, unmodified but for their base URL: three ways to the same model.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';

globalThis.AI_SDK_LOG_WARNINGS = false; // that it does not know this model

export const openai = ({ url }) => createOpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-conformance' });
const anthropic = ({ url }) => createAnthropic({ baseURL: `${url}/v1`, apiKey: 'sk-ant-conformance' });

export const models = {
  'OpenAI chat': (at) => openai(at).chat('sample'),
  'OpenAI responses': (at) => openai(at).responses('sample'),
  'Anthropic messages': (at) => anthropic(at)('sample'),
};
