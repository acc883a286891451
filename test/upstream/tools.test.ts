import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Eras } from '#bridge/upstream/eras.ts';
import { askTools, type ListedTool, readTool } from '#bridge/upstream/tools.ts';
import { collect } from '../canary/collect.ts';
import { startPelcro } from '../workspaces/pelcro.ts';
import { tokenAccess } from '../workspaces/pelcro-access.ts';
import { startPlain } from '../workspaces/plain.ts';
import { quickHttp, type TestWorkspace, workspaceAt } from './asking.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { json, response, result } from './raw-http.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

async function toolsAt(workspace: TestWorkspace): Promise<ListedTool[]> {
  await using http = quickHttp();
  const { signal } = new AbortController();
  const tools = await askTools({ workspace, http, eras: new Eras(), version: '0.1.0', signal });
  // The real name goes to the rules only.
  const shown = tools.map(({ name: _, ...rest }) => rest);
  collect('a list of tools', JSON.stringify(shown).slice(0, 1 << 20));
  return tools;
}

/** A workspace whose pages of tools are the test's; `tools` is the JSON of one page. */
function listing(path: string, ...pages: readonly string[]): TestWorkspace {
  const hello = '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"x"}}';
  const url = hostile.on(path, ({ id, rpc, body }, socket) => {
    const at = Number(/"cursor":"(\d+)"/.exec(body)?.[1] ?? 0);
    const next = at + 1 < pages.length ? `,"nextCursor":"${at + 1}"` : '';
    if (rpc === 'initialize') socket.write(json(result(id, hello)));
    else if (rpc === 'tools/list') socket.write(json(result(id, `{"tools":${pages[at]}${next}}`)));
    else socket.write(response(202));
  });
  return workspaceAt(url);
}

test('all pages are read, and the session is ended', async () => {
  await using plain = await startPlain({ pageSize: 3 });
  const tools = await toolsAt(workspaceAt(plain.url));
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'whoami', 'big']));
  expect(tools.find(({ name }) => name === 'echo')).toMatchObject({
    shownName: 'echo',
    description: 'Gives the text back, after the name of the workspace.',
    annotations: { readOnlyHint: true, destructiveHint: false },
  });
  expect(plain.openSessions).toBe(0);
  expect(plain.requests.calls()).toEqual([]);
});

test('what a tool destroys is told as the workspace says it', async () => {
  const herald = { id: 'herald', name: 'The Herald', sites: ['site_1'] };
  const workspace = workspaceAt('http://127.0.0.1:1/');
  await using pelcro = await startPelcro({ access: tokenAccess([{ ...herald, token: workspace.key }]) });
  const account = { ...workspace.account, upstream: { kind: 'http' as const, url: pelcro.url } };
  const tools = await toolsAt({ ...workspace, account });
  const hints = new Map(tools.map(({ name, annotations }) => [name, annotations]));
  expect(hints.get('delete_customer')).toEqual({ readOnlyHint: false, destructiveHint: true });
  expect(hints.get('get_customer')).toEqual({ readOnlyHint: true, destructiveHint: false });
});

test('a workspace without tools has none', async () => {
  const url = hostile.on('/t/none', ({ id, rpc }, socket) => {
    const hello = '{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"x"}}';
    socket.write(rpc === 'initialize' ? json(result(id, hello)) : response(202));
  });
  expect(await toolsAt(workspaceAt(url))).toEqual([]);
  expect(hostile.requests('/t/none', 'tools/list')).toEqual([]);
});

describe('a hostile list', () => {
  test('of things that are no tools gives none', async () => {
    const odd = '[null,5,"x",[],{},{"name":5},{"name":null,"description":"d"}]';
    expect(await toolsAt(listing('/t/odd', odd))).toEqual([]);
    expect(await toolsAt(listing('/t/no-list', '{"name":"a"}'))).toEqual([]);
  });

  test('with one name again and again has it once, as the last one', async () => {
    const twice = '[{"name":"a","annotations":{"readOnlyHint":true}},{"name":"b"}]';
    const tools = await toolsAt(listing('/t/twice', twice, '[{"name":"a"}]'));
    expect(tools.map(({ name, annotations }) => [name, annotations.readOnlyHint])).toEqual([
      ['a', false],
      ['b', false],
    ]);
  });

  test('of more tools than anybody has is cut at 5000, and no more of it is asked for', async () => {
    const page = (at: number): string =>
      JSON.stringify(Array.from({ length: 3000 }, (_, index) => ({ name: `t${at * 3000 + index}` })));
    const tools = await toolsAt(listing('/t/many', page(0), page(1), page(2)));
    expect(tools).toHaveLength(5000);
    expect(hostile.requests('/t/many', 'tools/list')).toHaveLength(2);
  });

  test('that echoes the key shows nothing of it, not even in pieces', async () => {
    const workspace = listing('/t/echo', '[]');
    const { key } = workspace;
    const apart = `${key.slice(0, 8)}\u200b${key.slice(8)}`;
    const echo = { name: key, title: `For ${key}`, description: `${apart} and ${key}` };
    const url = listing('/t/echoed', JSON.stringify([echo])).account.upstream;
    const [tool] = await toolsAt({ ...workspace, account: { ...workspace.account, upstream: url } });
    expect([tool?.shownName, tool?.title, tool?.description]).toEqual([
      '[removed]',
      'For [removed]',
      '[removed] and [removed]',
    ]);
  });
});

describe('what is shown of a tool', () => {
  const same = (text: string): string => text;

  test.each([
    ['get_bill', 'get_bill'],
    // As it is, so that a rule made from what is shown means this tool.
    ['get  bill', 'get  bill'],
    [' get_bill', 'get_bill'],
    ['get\u202e_bill\u0000', 'get_bill'],
    ['get\nbill', 'get bill'],
    ['\u200b', '(no readable name)'],
    ['', '(no readable name)'],
  ])('the name %j is %j, and rules go by the real one', (name, shownName) => {
    expect(readTool({ name }, same)).toMatchObject({ name, shownName });
  });

  test('a name that no client can use is left out', () => {
    expect(readTool({ name: 'x'.repeat(1001) }, same)).toBeUndefined();
  });

  test('texts are one clean line each, the description of at most 1000 characters', () => {
    const description = `\u202eFirst\u0007\nsecond ${'word '.repeat(1000)}`;
    const tool = readTool({ name: 'a', title: '\u2066Title\u2069', description }, same);
    expect(tool?.title).toBe('Title');
    expect(tool?.description).toMatch(/^First second word /);
    expect(tool?.description?.length).toBeLessThanOrEqual(1000);
  });

  test('a title may be an annotation; what is no text or empty is none', () => {
    expect(readTool({ name: 'a', annotations: { title: 'T' } }, same)?.title).toBe('T');
    expect(readTool({ name: 'a', title: 5, description: '\u200b', annotations: [] }, same)).toEqual({
      name: 'a',
      shownName: 'a',
      title: null,
      description: null,
      annotations: { readOnlyHint: false, destructiveHint: false },
    });
  });
});
