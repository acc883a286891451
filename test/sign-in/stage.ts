import type { ServerResponse } from 'node:http';
import type { ControlClient } from '#bridge/control/client.ts';
import type { AccountView, NewAccount } from '#contract/control.ts';
import { hasEnded, type SignInState, type SignInView } from '#contract/sign-in.ts';
import { startWorld, type World } from '../flows/world.ts';
import { type Answer, type HostileServer, json, startHostile } from '../oauth/hostile.ts';
import { statesOf } from './person.ts';

/** A scripted server, and a bridge beside it. */
export interface Stage extends AsyncDisposable {
  readonly server: HostileServer;
  readonly world: World;
  readonly control: ControlClient;
  /** Adds an account of the server that signs in by OAuth; its slug is the label in lower case. */
  add(label?: string, change?: Partial<NewAccount>): Promise<AccountView>;
  start(slug?: string): Promise<SignInView>;
  account(slug?: string): Promise<AccountView>;
}

export async function startStage(): Promise<Stage> {
  await using starting = new AsyncDisposableStack();
  const server = starting.use(await startHostile());
  const world = starting.use(await startWorld());
  const { control } = world.bridge;
  const running = starting.move();
  return {
    server,
    world,
    control,
    add: (label = 'Acme', change = {}) =>
      world.add({ connector: 'custom', label, url: server.mcpUrl, signIn: 'oauth', ...change }),
    start: (slug = 'acme') => control.signIn.start({ account: slug }),
    account: async (slug = 'acme') => {
      const found = (await control.accounts.list()).find((one) => one.slug === slug);
      if (!found) throw new Error(`There is no account ${slug}.`);
      return found;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Waits for the end of a sign-in without doing anything. */
export async function endOf(control: ControlClient, id: string): Promise<SignInState> {
  for await (const state of statesOf(control, id)) if (hasEnded(state)) return state;
  throw new Error('The sign-in disappeared.');
}

/** A path whose next answers wait until they are let go. */
export interface Held {
  /** Resolves when the first request is there. */
  readonly asked: Promise<void>;
  release(): void;
}

/** From now on requests to this path wait for `release`, and are answered so. */
export function hold(server: HostileServer, path: string, answer: Answer): Held {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  server.on(path, async (seen, response, request) => {
    asked.resolve();
    await released.promise;
    if (response.destroyed) return;
    if (typeof answer === 'function') await answer(seen, response, request);
    else json(response, answer);
  });
  return { asked: asked.promise, release: released.resolve };
}

/** The parameters of a link. */
export function parametersOf(link: string): Record<string, string> {
  return Object.fromEntries(new URL(link).searchParams);
}

/** The query of an answer to the link: the code of the scripted server, unless told otherwise. */
export function answerTo(link: string, issuer: string, change: Record<string, string> = {}) {
  const { state = '', redirect_uri: redirectUri = '' } = parametersOf(link);
  return { redirectUri, query: { code: 'a-code', state, iss: issuer, ...change } };
}

/** As much MCP as a check of an account asks for. */
export function answerMcp(response: ServerResponse, body: string): void {
  const { id, method } = JSON.parse(body || '{}') as { id?: unknown; method?: string };
  const welcome = {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'scripted', version: '1' },
  };
  const tools = [{ name: 'echo', inputSchema: { type: 'object' } }];
  if (id === undefined) response.writeHead(202).end();
  else json(response, { jsonrpc: '2.0', id, result: method === 'initialize' ? welcome : { tools } });
}
