// What npm's `openai` makes of the server: one JSON object on stdout, which the tests compare with the library.
//   node openai.mjs ADDRESS KEY
import OpenAI from 'openai';

const [address, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${address}v1`, apiKey, maxRetries: 0 });
const sampling = { model: 'tiny', max_tokens: 200, seed: 7 };

async function failureOf(ask) {
  try {
    await ask();
    return null;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, type: error.type, param: error.param, code: error.code, id: error.requestID?.slice(0, 4) };
  }
}

const result = {};
result.models = (await client.models.list()).data.map(model => model.id);
result.model = (await client.models.retrieve('tiny')).object;

const completion = await client.completions.create({ ...sampling, prompt: 'The quick', logprobs: 2, n: 2 });
result.completion = completion.choices.map(choice => choice.text);
result.finish = completion.choices.map(choice => choice.finish_reason);
result.usage = completion.usage;
result.logprobs = completion.choices[0].logprobs.token_logprobs.length;

const stream = await client.completions.create({ ...sampling, prompt: 'The quick', stream: true, stream_options: { include_usage: true } });
result.streamed = '';
for await (const event of stream) {
  result.streamed += event.choices[0]?.text ?? '';
  result.streamedUsage = event.usage ?? result.streamedUsage;
}

const messages = [{ role: 'user', content: 'The quick' }];
const chat = await client.chat.completions.create({ ...sampling, messages });
result.chat = chat.choices[0].message.content;
result.chatStreamed = '';
for await (const event of await client.chat.completions.create({ ...sampling, messages, stream: true }))
  result.chatStreamed += event.choices[0]?.delta?.content ?? '';

result.failures = [
  await failureOf(() => client.completions.create({ ...sampling, prompt: 'a', model: 'other' })),
  await failureOf(() => client.completions.create({ ...sampling, prompt: 'a', suffix: 'b' })),
  await failureOf(() => client.completions.create({ ...sampling, prompt: 'a', temperature: 9 })),
  await failureOf(() => client.chat.completions.create({ ...sampling, messages: [] })),
  await failureOf(() => new OpenAI({ baseURL: `${address}v1`, apiKey: 'wrong', maxRetries: 0 }).models.list()),
];

const abort = new AbortController();
const endless = await client.completions.create({ ...sampling, prompt: 'a', max_tokens: 2000000000, stream: true }, { signal: abort.signal });
let events = 0;
for await (const _ of endless)
  if (++events === 3)
    abort.abort();
result.eventsBeforeAbort = events;

console.log(JSON.stringify(result));
