import type { RequestMessage } from '#bridge/jsonrpc/message.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { UpMessage } from '#bridge/upstream/channel.ts';
import { Eras } from '#bridge/upstream/eras.ts';
import type { WorkspaceHttp } from '#bridge/upstream/http.ts';
import type { ModernChannel, ModernRequest } from '#bridge/upstream/modern/channel.ts';
import { meta } from '#bridge/upstream/modern/envelope.ts';
import { ModernHttp } from '#bridge/upstream/modern/http.ts';
import { type OpenedWorkspace, openWorkspace } from '#bridge/upstream/modern/open.ts';
import type { Upstream } from '#contract/account.ts';
import { collect, collectError } from '../../canary/collect.ts';
import { type Outcome, quickHttp, type TestWorkspace, workspaceAt } from '../asking.ts';

export const ENVELOPE: Readonly<Record<string, unknown>> = {
  [meta.protocolVersion]: '2026-07-28',
  [meta.clientCapabilities]: {},
  [meta.clientInfo]: { name: 'test', version: '1' },
};

let nextId = 1;

/** A request as it stands on the wire; `params` without the envelope. */
export function requestWith(
  method: string,
  params: object = {},
  more: { readonly id?: string; readonly _meta?: object } = {},
): RequestMessage {
  const id = more.id ?? String(nextId);
  nextId += 1;
  const whole = JSON.stringify({ ...params, _meta: { ...ENVELOPE, ...more._meta } });
  return requestFrom(`{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${whole}}`);
}

export function requestFrom(text: string): RequestMessage {
  const message = readMessage(Buffer.from(text));
  if (message.kind !== 'request') throw new Error('no request');
  return message;
}

type How = Partial<Omit<ModernRequest, 'message'>>;

/** Sends one request through a channel and says what came of it. */
export async function tell(channel: ModernChannel, message: RequestMessage, how: How = {}): Promise<Outcome> {
  const heard: UpMessage[] = [];
  try {
    await channel.request({
      message,
      repeatable: message.method !== 'tools/call',
      signal: new AbortController().signal,
      ...how,
      onMessage: (one) => {
        heard.push(one);
        if (one.message?.kind === 'response') collect('answer to the client', one.message.text);
        return how.onMessage?.(one);
      },
    });
    return { heard, end: { kind: 'complete' } };
  } catch (error) {
    collectError('trouble', error);
    return { heard, error };
  }
}

/** A call of one tool. */
export function call(
  name: string,
  args: object = {},
  more: Parameters<typeof requestWith>[2] = {},
): RequestMessage {
  return requestWith('tools/call', { name, arguments: args }, more);
}

/** Everything a test of the modern era needs at one workspace. */
export interface ModernSeat extends AsyncDisposable {
  readonly workspace: TestWorkspace;
  readonly http: WorkspaceHttp & { readonly pauses: number[] };
  readonly eras: Eras;
  readonly channel: ModernChannel;
}

/** A channel to an address that is believed to speak the modern era. */
export function modernAt(url: string, more: Partial<TestWorkspace> = {}): ModernSeat {
  const workspace = { ...workspaceAt(url), ...more };
  const http = quickHttp();
  const eras = new Eras();
  const channel = new ModernHttp(new URL(url), workspace, http, eras);
  return { workspace, http, eras, channel, [Symbol.asyncDispose]: () => http[Symbol.asyncDispose]() };
}

/** Opens a workspace once, without knowing its era. */
export async function openAt(
  upstream: string | Upstream,
  parts: { readonly eras?: Eras; readonly http?: WorkspaceHttp; readonly workspace?: TestWorkspace } = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<OpenedWorkspace & AsyncDisposable> {
  const { eras = new Eras(), http = quickHttp({ shutdownMs: 1000 }) } = parts;
  const workspace = parts.workspace ?? workspaceAt(upstream);
  const opened = await openWorkspace(workspace, http, eras, signal);
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await opened.channel[Symbol.asyncDispose]();
      if (!parts.http) await http[Symbol.asyncDispose]();
    },
  };
}

/** What was heard beside the answer, by method. */
export function noticesOf({ heard }: Outcome): string[] {
  return heard.flatMap(({ message }) => (message?.kind === 'notification' ? [message.method] : []));
}

/** The text of the first content of a tool's answer. */
export function saidIn(answer: Record<string, unknown>): unknown {
  const { result } = answer as { result?: { content?: readonly { text?: unknown }[] } };
  return result?.content?.[0]?.text;
}
