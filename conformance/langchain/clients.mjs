// LangChain's chat models, unmodified but for their base URL: three ways to the same model.
import { ChatAnthropic } from '@langchain/anthropic';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';

const openai = ({ url }, options) => ({
  model: 'sample',
  apiKey: 'sk-conformance',
  maxRetries: 0,
  configuration: { baseURL: `${url}/v1` },
  ...options,
});

export const models = {
  'OpenAI chat': (at) => new ChatOpenAI(openai(at)),
  'OpenAI responses': (at) => new ChatOpenAI(openai(at, { useResponsesApi: true })),
  'Anthropic messages': ({ url }) =>
    new ChatAnthropic({ model: 'sample', apiKey: 'sk-ant-conformance', anthropicApiUrl: url, maxRetries: 0 }),
};

export const embeddings = (at) => new OpenAIEmbeddings(openai(at));
