import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { type ModernWorkspace, startModern } from '../workspaces/modern.ts';
import { type BareAnswer, type BareClient, bare } from './bare.ts';
import { doors, pinned, startWorld, text, type World } from './world.ts';

const INVALID_PARAMS = -32602;

let world: World;
const workspaces: ModernWorkspace[] = [];
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  world = opened.use(await startWorld());
  for (const [name, speaks] of [
    ['newer', 'modern'],
    ['older', 'legacy'],
    ['other', 'modern'],
  ] as const) {
    const workspace = opened.use(await startModern({ name, speaks }));
    workspaces.push(workspace);
    await world.add({ connector: 'custom', label: name, url: workspace.url, signIn: 'none' });
  }
});

afterAll(() => opened.disposeAsync());

beforeEach(() => use('newer'));

const use = (account: string): Promise<unknown> => world.bridge.control.accounts.use({ account });
const arrived = (): number =>
  workspaces.flatMap(({ requests }) => requests.all.filter(({ rpc }) => rpc !== undefined)).length;

/** The state of a question that the tool `ask` put. */
async function asked(client: BareClient, question = 'Sure?'): Promise<string> {
  const { result } = await client.call('ask', { question });
  expect(result).toMatchObject({ resultType: 'input_required', requestState: expect.any(String) });
  return String(result?.requestState);
}

/** Answers the question, as a client would that got hold of the state. */
function answers(
  client: BareClient,
  state: unknown,
  { question = 'Sure?', key = 'answer' } = {},
): Promise<BareAnswer> {
  const inputResponses = { [key]: { action: 'accept', content: { answer: 'yes' } } };
  return client.call('ask', { question }, { inputResponses, requestState: state });
}

/** Where nothing arrives at any workspace. */
async function refused(running: () => Promise<BareAnswer>): Promise<void> {
  const before = arrived();
  expect(await running()).toMatchObject({ error: { code: INVALID_PARAMS } });
  expect(arrived()).toBe(before);
}

/** The key under which a workspace of this name asks: its own, or the one that Gangway made for it. */
async function keyOf(client: BareClient): Promise<string> {
  const { result } = await client.call('ask', { question: 'Sure?' });
  return Object.keys(result?.inputRequests ?? {})[0] ?? '';
}

describe.each(doors)('the state of a question by %s', (door) => {
  describe.each(['newer', 'older'])('from a workspace of the %s era', (name) => {
    test('counts only as it was given, with the same call', async () => {
      await using client = await bare(world, door, name);
      const key = await keyOf(client);
      const state = await asked(client);
      const middle = Math.floor(state.length / 2);
      const changed = state[middle] === 'A' ? 'B' : 'A';
      const forged = state.slice(0, middle) + changed + state.slice(middle + 1);
      for (const bad of ['mine', '', null, 7, { state }, forged, `${state}A`, state.slice(0, -4)]) {
        await refused(() => answers(client, bad, { key }));
      }
      await refused(() => answers(client, state, { key, question: 'Everything?' }));
      await refused(() =>
        client.call('echo', { text: 'x' }, { requestState: state, inputResponses: { [key]: {} } }),
      );
      expect((await answers(client, state, { key })).text).toContain(`${name}: yes`);
    });

    test('counts for nothing from another client, or at another address', async () => {
      await using client = await bare(world, door, name);
      const key = await keyOf(client);
      const state = await asked(client);
      await use(name);
      for (const [otherDoor, address] of [
        [door, name],
        [door, 'current'],
        [door === 'stdio' ? 'http' : 'stdio', name],
      ] as const) {
        await using other = await bare(world, otherDoor, address);
        await refused(() => answers(other, state, { key }));
      }
      expect((await answers(client, state, { key })).text).toContain(`${name}: yes`);
    });

    test('counts for nothing once the account was removed', async () => {
      const workspace = workspaces.find((one) => one.name === name);
      const label = `leaving ${door} ${name}`;
      const { slug } = await world.add({
        connector: 'custom',
        label,
        url: workspace?.url ?? '',
        signIn: 'none',
      });
      await use(slug);
      await using client = await bare(world, door);
      const key = await keyOf(client);
      const state = await asked(client);
      await world.bridge.control.accounts.remove({ account: slug });
      await use('other');
      await refused(() => answers(client, state, { key }));
      expect((await client.call('echo', { text: 'on' })).text).toContain('other: on');
    });

    test('leads to the account that asked, after a switch to another one', async () => {
      await use(name);
      await using client = await bare(world, door);
      const key = await keyOf(client);
      const state = await asked(client);
      await use('other');
      expect((await client.call('echo', { text: 'new' })).text).toContain('other: new');
      expect((await answers(client, state, { key })).text).toContain(`${name}: yes`);
      expect(workspaces.find((one) => one.name === 'other')?.requests.calls('ask')).toEqual([]);
    });
  });
});

test.each(doors)('by %s the state of the workspace itself cannot be read in it', async (door) => {
  await using client = await bare(world, door);
  const sealed = await asked(client);
  await answers(client, sealed);
  const newer = workspaces.find(({ name }) => name === 'newer');
  const own = newer?.requests.calls('ask').at(-1)?.rpc?.params.requestState;
  expect(own).toEqual(expect.any(String));
  for (const text of [sealed, Buffer.from(sealed.slice(3), 'base64url').toString('latin1')]) {
    expect(text).not.toContain(String(own).slice(-20));
  }
});

test.each(doors)(
  'by %s two accounts of one workspace are kept apart: the answer arrives with the token of the one that asked',
  async (door) => {
    const tokens = { ada: canary('bearer'), bert: canary('bearer') };
    await using shared = await startModern({ name: 'shared', tokens });
    await using own = await startWorld();
    for (const [label, key] of Object.entries(tokens)) {
      await own.add({ connector: 'custom', label, url: shared.url, key });
    }
    const useOwn = (account: string): Promise<unknown> => own.bridge.control.accounts.use({ account });
    const held = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    await useOwn('ada');
    const prepare = (fresh: Parameters<NonNullable<Parameters<World['connect']>[2]>>[0]): void => {
      fresh.setRequestHandler('elicitation/create', async () => {
        reached.resolve();
        await held.promise;
        return { action: 'accept', content: { answer: 'yes' } };
      });
    };
    const client = await own.connect(door, 'current', prepare, pinned);
    const asking = text(client, 'ask', { question: 'Sure?' });
    await reached.promise;
    await useOwn('bert');
    expect(JSON.parse(await text(client, 'whoami'))).toMatchObject({ token: 'bert' });
    held.resolve();
    expect(await asking).toBe('shared: yes');
    expect(shared.requests.calls('ask').map(({ principal }) => principal)).toEqual(['ada', 'ada']);
    await client.close();
  },
);
