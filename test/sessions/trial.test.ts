import { expect, test } from 'vitest';
import { openAccounts } from '#bridge/account-parts.ts';
import { AccountRegistry } from '#bridge/accounts/registry.ts';
import { silentLog } from '#bridge/base/log.ts';
import { proxyChoice } from '#bridge/base/network.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import { openVault } from '#bridge/vault/open-vault.ts';
import type { Account } from '#contract/account.ts';
import { temporaryHome } from '../canary/home.ts';
import { shakesHands, startScripted } from '../relay/scripted.ts';
import { accountFor } from '../relay/seat.ts';
import { answerJson } from '../workspaces/arrival.ts';

const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look","arguments":{}}}';

test('what a workspace says of its tools is kept for listed accounts, not for trials', async () => {
  await using workspace = await startScripted((arrival, response) => {
    if (shakesHands(arrival, response)) return;
    const tools = [{ name: 'look', inputSchema: {}, annotations: { readOnlyHint: true } }];
    answerJson(response, 200, { jsonrpc: '2.0', id: arrival.rpc?.id, result: { tools } });
  });
  await using home = await temporaryHome();
  await using starting = new AsyncDisposableStack();
  const registry = await AccountRegistry.open(`${home.path}/accounts.json`, silentLog);
  const { gate, check } = openAccounts({
    registry,
    vault: starting.use(openVault({ kind: 'memory', folder: home.path, log: silentLog })),
    opening: Promise.resolve(),
    proxy: proxyChoice({ setting: () => ({ mode: 'none' }) }),
    every: () => ({ paused: false, readOnly: false }),
    redactor: new Redactor(),
    version: '0.0.0',
    log: silentLog,
    starting,
  });
  const rules = { readOnly: true, deny: [] };
  const listed = await registry.add(accountFor(workspace.url, 'listed', { rules }));
  const trial = accountFor(workspace.url, 'trial', { rules });
  const lets = async (account: Account): Promise<boolean> => {
    await check(account, new AbortController().signal);
    const message = readMessage(Buffer.from(CALL));
    if (message.kind !== 'request') throw new Error('It is a request.');
    return gate.refusal(message, account) === undefined;
  };
  expect([await lets(listed), await lets(trial)]).toEqual([true, false]);
});
