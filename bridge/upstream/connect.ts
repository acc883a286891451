import { commandLine } from '../connectors/command.ts';
import type { UpChannel } from './channel.ts';
import { CommandChannel } from './command.ts';
import { CommandPipe } from './command-pipe.ts';
import type { WorkspaceHttp } from './http.ts';
import { HttpSseChannel } from './http-sse.ts';
import { StreamableChannel } from './streamable.ts';
import type { Workspace } from './workspace.ts';

/** A fresh channel to the account's workspace; nothing is sent before the first request. */
export function connect(workspace: Workspace, http: WorkspaceHttp): UpChannel {
  const { upstream } = workspace.account;
  switch (upstream.kind) {
    case 'http':
      return new StreamableChannel(new URL(upstream.url), workspace, http);
    case 'sse':
      return new HttpSseChannel(new URL(upstream.url), workspace, http);
    case 'command':
      return new CommandChannel(
        new CommandPipe(commandLine(workspace.account), workspace, http.waits),
        http.waits,
      );
    default:
      return upstream satisfies never;
  }
}
