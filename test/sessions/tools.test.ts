import { describe, expect, test } from 'vitest';
import { type AccountParts, openAccounts } from '#bridge/account-parts.ts';
import { AccountRegistry } from '#bridge/accounts/registry.ts';
import { silentLog } from '#bridge/base/log.ts';
import { proxyChoice } from '#bridge/base/network.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { credentialOf } from '#bridge/credentials/credential.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { EveryAccount } from '#bridge/policy/rules.ts';
import { openVault } from '#bridge/vault/open-vault.ts';
import type { Account } from '#contract/account.ts';
import { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { shakesHands, startScripted } from '../relay/scripted.ts';
import { accountFor } from '../relay/seat.ts';
import { answerJson } from '../workspaces/arrival.ts';
import type { Workspace } from '../workspaces/workspace.ts';

const { signal } = new AbortController();
const TOOLS = [
  { name: 'look', inputSchema: {}, annotations: { readOnlyHint: true } },
  { name: 'paint', inputSchema: {} },
  { name: 'burn', inputSchema: {}, annotations: { destructiveHint: true } },
];

interface Desk extends AsyncDisposable {
  readonly workspace: Workspace;
  readonly registry: AccountRegistry;
  readonly parts: AccountParts;
  /** What holds for all accounts. */
  every: EveryAccount;
  /** Happens before the workspace answers `tools/list`; false refuses it. */
  onList: () => Promise<boolean>;
  add(more?: Partial<Account>): Promise<Account>;
}

/** The parts of a bridge that know accounts, and one workspace. */
async function startDesk(): Promise<Desk> {
  await using starting = new AsyncDisposableStack();
  const home = starting.use(await temporaryHome());
  const workspace = starting.use(
    await startScripted((arrival, response) => {
      if (shakesHands(arrival, response)) return;
      void desk.onList().then((isTaken) => {
        if (isTaken)
          answerJson(response, 200, { jsonrpc: '2.0', id: arrival.rpc?.id, result: { tools: TOOLS } });
        else response.writeHead(401).end();
      });
    }),
  );
  const registry = await AccountRegistry.open(`${home.path}/accounts.json`, silentLog);
  const parts = openAccounts({
    registry,
    vault: starting.use(openVault({ kind: 'memory', folder: home.path, log: silentLog })),
    opening: Promise.resolve(),
    proxy: proxyChoice({ setting: () => ({ mode: 'none' }) }),
    every: () => desk.every,
    redactor: new Redactor(),
    version: '0.0.0',
    log: silentLog,
    starting,
  });
  const running = starting.move();
  const desk: Desk = {
    workspace,
    registry,
    parts,
    every: { paused: false, readOnly: false },
    onList: async () => true,
    add: (more) => registry.add(accountFor(workspace.url, 'acme', more)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
  return desk;
}

/** Effect and permission by name. */
async function listed({ parts }: Desk): Promise<Record<string, string>> {
  const tools = await parts.asking.tools('acme', signal);
  return Object.fromEntries(
    tools.map(({ name, effect, allowed }) => [name, `${effect}, ${allowed ? 'yes' : 'no'}`]),
  );
}

async function refusalOf(asking: Promise<unknown>): Promise<BridgeError> {
  const error: unknown = await asking.catch((reason: unknown) => reason);
  if (error instanceof BridgeError) return error;
  throw new Error('It was expected to fail.');
}

describe('the tools of an account', () => {
  test('are all there, also those that the rules hide', async () => {
    await using desk = await startDesk();
    const account = await desk.add();
    expect(await listed(desk)).toEqual({ look: 'reads, yes', paint: 'writes, yes', burn: 'destroys, yes' });
    const withRules = (rules: Account['rules']) =>
      desk.registry.update(account.id, (one) => ({ ...one, rules }));
    await withRules({ readOnly: true, deny: [] });
    expect(await listed(desk)).toEqual({ look: 'reads, yes', paint: 'writes, no', burn: 'destroys, no' });
    await withRules({ readOnly: false, deny: ['burn'] });
    expect(await listed(desk)).toEqual({ look: 'reads, yes', paint: 'writes, yes', burn: 'destroys, no' });
    await withRules({ readOnly: false, deny: [], allow: ['paint'] });
    expect(await listed(desk)).toEqual({ look: 'reads, no', paint: 'writes, yes', burn: 'destroys, no' });
  });

  test('are allowed as the switch for everything says', async () => {
    await using desk = await startDesk();
    await desk.add();
    desk.every = { paused: false, readOnly: true };
    expect(await listed(desk)).toEqual({ look: 'reads, yes', paint: 'writes, no', burn: 'destroys, no' });
  });

  test('are judged by the rules of the moment when they arrive', async () => {
    await using desk = await startDesk();
    const { id } = await desk.add();
    desk.onList = async () => {
      await desk.registry.update(id, (one) => ({ ...one, rules: { readOnly: false, deny: ['look'] } }));
      return true;
    };
    expect((await listed(desk)).look).toBe('reads, no');
  });

  test('are remembered for the calls of clients', async () => {
    await using desk = await startDesk();
    const account = await desk.add({ rules: { readOnly: true, deny: [] } });
    const call = readMessage(
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look","arguments":{}}}'),
    );
    if (call.kind !== 'request') throw new Error('It is a request.');
    expect(desk.parts.gate.refusal(call, account)?.code).toBe('blocked');
    await listed(desk);
    expect(desk.parts.gate.refusal(call, account)).toBeUndefined();
  });
});

describe('nothing is told', () => {
  test('of an account that nobody knows', async () => {
    await using desk = await startDesk();
    expect((await refusalOf(listed(desk))).code).toBe('account-unknown');
  });

  test('and nothing is sent while a person has to sign in', async () => {
    await using desk = await startDesk();
    await desk.add({ state: 'sign-in-needed' });
    expect((await refusalOf(listed(desk))).code).toBe('sign-in-needed');
    expect(desk.workspace.requests.all).toEqual([]);
  });

  test('and nothing is sent for a while after the workspace refused the key', async () => {
    await using desk = await startDesk();
    await desk.add();
    desk.onList = async () => false;
    expect((await refusalOf(listed(desk))).code).toBe('sign-in-needed');
    const sent = desk.workspace.requests.all.length;
    expect((await refusalOf(listed(desk))).code).toBe('sign-in-needed');
    expect(desk.workspace.requests.all).toHaveLength(sent);
  });

  test('that was asked for with another key than the one of now', async () => {
    await using desk = await startDesk();
    const { id } = await desk.add({ signIn: { kind: 'key', header: 'authorization' } });
    const { authorizer } = desk.parts;
    await authorizer.store(id, credentialOf(canary('bearer'), {}), signal);
    desk.onList = async () => {
      await authorizer.store(id, credentialOf(canary('bearer'), {}), signal);
      return true;
    };
    expect((await refusalOf(listed(desk))).message).toBe(
      'acme got another sign-in or key while it was asked for its tools. Try again.',
    );
  });

  test('of an account that was removed meanwhile', async () => {
    await using desk = await startDesk();
    const { id } = await desk.add();
    desk.onList = async () => {
      await desk.registry.remove(id);
      return true;
    };
    expect((await refusalOf(listed(desk))).code).toBe('account-unknown');
  });
});
