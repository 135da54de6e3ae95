// What `@langchain/openai` makes of the server: one JSON object on stdout, which the tests compare with the library.
//   node langchain.mjs ADDRESS KEY
import { ChatOpenAI, OpenAI } from '@langchain/openai';

const [address, apiKey] = process.argv.slice(2);
const configuration = { baseURL: `${address}v1` };
const llm = new OpenAI({ model: 'tiny', apiKey, configuration, temperature: 0, maxTokens: 100, maxRetries: 0 });

const result = { invoked: await llm.invoke('The quick'), streamed: '' };
for await (const piece of await llm.stream('The quick'))
  result.streamed += piece;
result.batch = await llm.batch(['The quick', 'fox']);
result.stopped = await new OpenAI({ model: 'tiny', apiKey, configuration, temperature: 0, maxTokens: 100, maxRetries: 0 }).invoke('The quick', { stop: [result.invoked.slice(5, 8)] });
result.chat = (await new ChatOpenAI({ model: 'tiny', apiKey, configuration, temperature: 0, maxTokens: 100, maxRetries: 0 }).invoke('The quick')).content;

console.log(JSON.stringify(result));
