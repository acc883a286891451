import type { UpChannel, UpMessage } from '#bridge/upstream/channel.ts';
import { connect } from '#bridge/upstream/connect.ts';
import type { Workspace } from '#bridge/upstream/workspace.ts';
import { answerOf, ask, askBeside, quickHttp, workspaceAt } from './asking.ts';
import type { Hostile, Scenario } from './hostile.ts';
import { response, result } from './raw-http.ts';

/** A notification with a text of its own. */
export function notice(text: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":${JSON.stringify(text)}}}`;
}

export function noticesIn(heard: readonly UpMessage[]): unknown[] {
  return heard.flatMap(({ message }) => (message?.kind === 'notification' ? [message.params.data] : []));
}

export function noSignal(): AbortSignal {
  return new AbortController().signal;
}

/** A channel with a session, so that streams can be continued; `then` serves everything after `initialize`. */
export async function withSession(
  hostile: Hostile,
  path: string,
  then: Scenario,
  more: Partial<Workspace> = {},
): Promise<AsyncDisposable & { readonly channel: UpChannel; readonly pauses: readonly number[] }> {
  const url = hostile.on(path, (heard, socket) => {
    if (heard.rpc !== 'initialize') return then(heard, socket);
    const fields = { 'content-type': 'application/json', 'mcp-session-id': 'session-1' };
    socket.write(response(200, result(heard.id), fields));
  });
  const http = quickHttp();
  const channel = connect({ ...workspaceAt(url), ...more }, http);
  answerOf(await ask(channel, 'initialize'));
  return {
    channel,
    pauses: http.pauses,
    [Symbol.asyncDispose]: async () => {
      await askBeside(http);
      await http[Symbol.asyncDispose]();
    },
  };
}
