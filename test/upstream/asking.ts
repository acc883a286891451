import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import type { ExchangeEnd, UpChannel, UpMessage } from '#bridge/upstream/channel.ts';
import { connect } from '#bridge/upstream/connect.ts';
import { type Waits, WorkspaceHttp } from '#bridge/upstream/http.ts';
import type { Workspace } from '#bridge/upstream/workspace.ts';
import { Account, type Upstream } from '#contract/account.ts';
import { BridgeError, type ErrorCode } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { collect, collectError } from '../canary/collect.ts';
import { bystanderIsServed } from '../invariants/bystander.ts';

export const LABEL = 'Acme';

/** A workspace as the channels see it, with a key of its own. */
export interface TestWorkspace extends Workspace {
  readonly key: string;
  /** What the health of the account heard: status, and seconds to wait. */
  readonly observed: (readonly [status: number, waitSeconds?: number])[];
}

/** An account at an address (Streamable HTTP) or another upstream, whose key is a canary. */
export function workspaceAt(upstream: string | Upstream, more: Partial<Account> = {}): TestWorkspace {
  const key = canary('bearer');
  const redactor = new Redactor();
  redactor.learn(key);
  const observed: [number, number?][] = [];
  const account = Account.parse({
    id: 'acc_upstream01',
    slug: 'acme',
    connector: 'custom',
    label: LABEL,
    color: 'blue',
    environment: 'production',
    upstream: typeof upstream === 'string' ? { kind: 'http', url: upstream } : upstream,
    signIn: { kind: 'key', header: 'authorization' },
    headers: {},
    secretHeaders: [],
    recentUsers: [],
    ownNetwork: true,
    rules: { readOnly: false, deny: [] },
    state: 'ready',
    createdAt: '2026-11-21T00:00:00.000Z',
    ...more,
  });
  return {
    account,
    key,
    observed,
    headers: async () => ({ ...account.headers, authorization: `Bearer ${key}` }),
    withoutSecrets: (text) => redactor.cleanKnown(text),
    observe: (status, waitSeconds) => {
      observed.push(waitSeconds === undefined ? [status] : [status, waitSeconds]);
    },
  };
}

/** Real connections whose pauses before another try are written down instead of waited for. */
export function quickHttp(waits: Partial<Waits> = {}): WorkspaceHttp & { readonly pauses: number[] } {
  const pauses: number[] = [];
  const http = new WorkspaceHttp({
    waits: { ...limits, ...waits },
    pause: async (ms, signal) => {
      signal.throwIfAborted();
      pauses.push(ms);
      // Whoever tries again for ever must not keep everything else from happening.
      await setImmediate();
    },
  });
  return Object.assign(http, { pauses });
}

export interface Outcome {
  readonly heard: readonly UpMessage[];
  readonly end?: ExchangeEnd;
  readonly error?: unknown;
}

let nextId = 1;

/** Sends one request through a channel and says what came of it. */
export async function ask(
  channel: UpChannel,
  method = 'tools/call',
  how: {
    readonly id?: string;
    readonly params?: string;
    readonly signal?: AbortSignal;
    readonly repeatable?: boolean;
  } = {},
): Promise<Outcome> {
  const id = how.id ?? String(nextId);
  nextId += 1;
  const heard: UpMessage[] = [];
  const params = how.params ?? '{"name":"write"}';
  try {
    const end = await channel.request({
      bytes: Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`),
      id,
      method,
      repeatable: how.repeatable ?? method !== 'tools/call',
      signal: how.signal ?? new AbortController().signal,
      onMessage: (message) => {
        heard.push(message);
        if (message.message?.kind === 'response') {
          collect('answer to the client', message.message.text.slice(0, 1 << 20));
        }
      },
    });
    return { heard, end };
  } catch (error) {
    collectError('trouble', error);
    return { heard, error };
  }
}

/** Another account is served over the same connections, whatever happened to the one before. */
export async function askBeside(http: WorkspaceHttp): Promise<void> {
  await bystanderIsServed(async (url) => {
    await using channel = connect(workspaceAt(url), http);
    return ask(channel, 'ping');
  });
}

/** A channel of its own for one request. */
export async function askAt(
  upstream: string | Upstream,
  method?: string,
  http: WorkspaceHttp = quickHttp(),
): Promise<Outcome & { readonly workspace: TestWorkspace }> {
  await using connections = http;
  const workspace = workspaceAt(upstream);
  await using channel = connect(workspace, connections);
  const outcome = await ask(channel, method);
  await askBeside(connections);
  return { ...outcome, workspace };
}

/** The one answer, as parsed JSON. */
export function answerOf({ heard, error }: Outcome): Record<string, unknown> {
  expect(error).toBeUndefined();
  const answers = heard.filter(({ message }) => message?.kind === 'response');
  expect(answers).toHaveLength(1);
  const message = answers[0]?.message;
  return JSON.parse(message?.kind === 'response' ? message.text : '') as Record<string, unknown>;
}

/** The trouble, checked for what holds of all trouble: short, in words, with the host in it, and no answer besides. */
export function troubleOf({ heard, error }: Outcome, code: ErrorCode, mayHaveRun?: boolean): BridgeError {
  if (!(error instanceof BridgeError))
    throw new Error(`no BridgeError but ${String(error)}`, { cause: error });
  expect({ code: error.code, text: error.message }).toEqual({ code, text: error.message });
  const { host = '' } = error.details;
  expect(error.message.length).toBeLessThanOrEqual(300);
  expect(error.message.includes(host) || error.message.includes(LABEL)).toBe(true);
  expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]|undefined|\[object|at \w+ \(/u);
  expect(heard.some(({ message }) => message?.kind === 'response')).toBe(false);
  if (mayHaveRun !== undefined) expect(error.details.mayHaveRun ?? false).toBe(mayHaveRun);
  return error;
}
