import { expect, test } from 'vitest';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import { isCacheable, withoutCaching } from '#bridge/relay/modern/cache-hints.ts';

const answer = (result: string): string => `{"jsonrpc":"2.0","id":"a","result":${result}}`;

test('what a workspace lets a client keep is stale at once and private on its way down', () => {
  expect(
    withoutCaching(
      answer('{"resultType":"complete", "ttlMs" : 60000 ,"tools":[{"n":1E999}],"cacheScope":"public"}'),
    ),
  ).toBe(answer('{"resultType":"complete", "ttlMs" : 0 ,"tools":[{"n":1E999}],"cacheScope":"private"}'));
});

test('hints that are missing are added, and those in parts of the result are left alone', () => {
  expect(withoutCaching(answer('{"contents":[{"ttlMs":5}],"_meta":{"cacheScope":"public"} }'))).toBe(
    answer('{"contents":[{"ttlMs":5}],"_meta":{"cacheScope":"public"},"ttlMs":0,"cacheScope":"private" }'),
  );
  expect(withoutCaching(answer('{}'))).toBe(answer('{"ttlMs":0,"cacheScope":"private"}'));
});

test.each([
  ['as one SDK writes it', (result: string) => `{"result":${result},"jsonrpc":"2.0","id":7}`],
  ['with a number for an id', (result: string) => `{"jsonrpc":"2.0","id":12,"result":${result}}`],
  ['with blanks', (result: string) => `{ "jsonrpc": "2.0", "id": 1, "result": ${result} }`],
  ['in another order', (result: string) => `{"id":"\\"result\\":{","result":${result},"jsonrpc":"2.0"}`],
  [
    'with a result in its id',
    (result: string) => `{"jsonrpc":"2.0","id":",\\"result\\":{}","result":${result}}`,
  ],
])('the hints of an answer are found %s', (_, written) => {
  const hints = '"cacheScope":"public","ttlMs":5';
  expect(withoutCaching(written(`{"tools":[{"ttlMs":5}],${hints}}`))).toBe(
    written('{"tools":[{"ttlMs":5}],"cacheScope":"private","ttlMs":0}'),
  );
  expect(withoutCaching(written('{}'))).toBe(written('{"ttlMs":0,"cacheScope":"private"}'));
});

const results = [
  '{"tools":[],"ttlMs":5,"cacheScope":"public"}',
  '{"cacheScope" : "public" ,\n"resultType":"complete","ttlMs"\t:-1.5E+3, "tools":[{"name":"a"}]}',
  '{"tools":[{"ttlMs":5}],"ttlMs":6,"cacheScope":"public"}',
  '{"tools":[{"enum":["ttlMs"]}],"ttlMs":6,"cacheScope":"public"}',
  '{"tools":[{"d":"the \\"ttlMs\\" of it"}],"ttlMs":6,"cacheScope":"public"}',
  '{"tools":["ttlMs"],"tt\\u006cMs":6,"cacheScope":"public"}',
  '{"tools":[{"ttlMs":5,"cacheScope":"public"}]}',
  '{"ttlMs":5,"ttlMs":6,"cacheScope":"public"}',
  '{"ttlMs":null,"cacheScope":{"a":1}}',
  '{"ttlMs":5}',
  '{"cacheScope":"PUBLIC","ttlMs":5}',
  '{"resultType":"task","ttlMs":5,"cacheScope":"public"}',
];
test.each(results)('what was found before changes nothing but the time it takes: %s', (result) => {
  const text = answer(result);
  const read = readMessage(Buffer.from(text));
  const at = read.kind === 'response' ? read.resultAt : undefined;
  expect(at?.text).toBe(text);
  expect(withoutCaching(text, at)).toBe(withoutCaching(text));
});

test('places in another text are not used', () => {
  const read = readMessage(Buffer.from(answer('{"ttlMs":50,"cacheScope":"public","tools":["one"]}')));
  const text = answer('{"tools":[],"cacheScope":"public","ttlMs":50}');
  const at = read.kind === 'response' ? read.resultAt : undefined;
  expect(withoutCaching(text, at)).toBe(answer('{"tools":[],"cacheScope":"private","ttlMs":0}'));
});

test('a hint that stands there twice is taken away from every parser', () => {
  expect(withoutCaching(answer('{"ttlMs":5,"tt\\u006cMs":6,"cacheScope":"public"}'))).toBe(
    answer('{"ttlMs":0,"tt\\u006cMs":0,"cacheScope":"private"}'),
  );
});

test.each([
  '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no","data":{"ttlMs":5}}}',
  answer('{"resultType":"input_required","requestState":"x"}'),
  answer('{"resultType":"task","taskId":"x","ttlMs":60000}'),
  answer('[1]'),
  answer('null'),
])('what is no complete result keeps every byte: %s', (text) => {
  expect(withoutCaching(text)).toBe(text);
});

test('exactly the answers that MCP 2026-07-28 lets a client keep are cacheable', () => {
  const may = [
    'server/discover',
    'tools/list',
    'prompts/list',
    'resources/list',
    'resources/templates/list',
    'resources/read',
  ];
  const not = ['tools/call', 'prompts/get', 'completion/complete', 'tasks/get', 'subscriptions/listen', ''];
  expect([...may, ...not].filter(isCacheable)).toEqual(may);
});
