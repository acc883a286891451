import { canary } from '../canary/canary.ts';
import { text } from '../flows/world.ts';
import { signInAs } from '../sign-in/person.ts';
import { startAly } from '../workspaces/aly.ts';
import { startPlain } from '../workspaces/plain.ts';
import type { WindowWorld } from './window-world.ts';

/** Fifteen accounts, of three kinds of workspaces. */
export async function manyAccounts(world: WindowWorld): Promise<void> {
  const { acme, pelcro, aly, keys } = await world.workspaces();
  for (let turn = 1; turn <= 5; turn += 1) {
    await world.add({ connector: 'allegro', label: `Tenant ${turn}`, url: acme.url, key: keys.acmeMember });
    await world.add({
      connector: 'pelcro',
      label: `Paper ${turn}`,
      url: pelcro.origin,
      signIn: 'key',
      key: keys.pelcroHerald,
      readOnly: turn % 2 === 0,
    });
    await world.add({ connector: 'aly', label: `Shop ${turn}`, url: aly.url, key: keys.alyReader });
  }
}

/** Names, addresses and members as long as they may be. Nothing of it is ever contacted. */
export async function oneWithLongNames(world: WindowWorld): Promise<void> {
  const long = 'Ganzbesondersunternehmensübergreifend'.repeat(3).slice(0, 80);
  await world.add({
    connector: 'custom',
    label: long,
    url: `https://${'a-very-long-name.'.repeat(8)}example.com/${'path/'.repeat(40)}mcp`,
    key: canary('bearer'),
    keyHeader: `x-${'long-'.repeat(12)}key`,
    headers: { 'x-team': 'red '.repeat(60).trim() },
    environment: 'development',
    readOnly: true,
    check: false,
  });
  await world.add({
    connector: 'allv',
    label: 'The workspace of everybody who works on the newspaper and its many supplements x',
    url: `https://allv.example.com/api/workspaces/${'w'.repeat(120)}/mcp`,
    key: canary('allv'),
    user: `${'somebody.with.a.long.name.'.repeat(2)}x@${'department.'.repeat(15)}example.com`,
    environment: 'staging',
    check: false,
  });
}

/** A server that offers no tool to this account. */
export async function noTools(world: WindowWorld): Promise<void> {
  const plain = world.use(await startPlain());
  plain.answerNext({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: ({ rpc }) => JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, result: { tools: [] } }),
    when: ({ rpc }) => rpc?.method === 'tools/list',
    times: 1000,
  });
  await world.add({ connector: 'custom', label: 'Nothing', url: plain.url, signIn: 'none' });
}

/** A server with nearly five thousand tools. */
export async function manyTools(world: WindowWorld): Promise<void> {
  const extraTools = Array.from({ length: 4900 }, (_, turn) => `tool_number_${turn + 1}`);
  const plain = world.use(await startPlain({ extraTools }));
  await world.add({ connector: 'custom', label: 'Huge', url: plain.url, signIn: 'none' });
}

/** A sign-in without a permission that a call has needed since. */
export async function widerScope(world: WindowWorld): Promise<void> {
  const aly = world.use(await startAly({ keys: [], publishedScopes: ['read:orders', 'delete:sites'] }));
  await world.add({ connector: 'aly', label: 'Shop', url: aly.url, signIn: 'oauth' });
  await signInAs(world.control, 'shop', { choose: { email: 'ann@example.com' } });
  const client = await world.connect('stdio', 'shop');
  await text(client, 'orders_update', { id: 'orders_1', note: 'x' }).catch(() => undefined);
  await client.close();
}
