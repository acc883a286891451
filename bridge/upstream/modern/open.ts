import { pause } from '../../base/tasks.ts';
import { commandLine } from '../../connectors/command.ts';
import type { UpChannel } from '../channel.ts';
import { CommandChannel } from '../command.ts';
import { CommandPipe } from '../command-pipe.ts';
import { connect } from '../connect.ts';
import type { Era, Eras } from '../eras.ts';
import type { Waits, WorkspaceHttp } from '../http.ts';
import type { Workspace } from '../workspace.ts';
import type { ModernChannel } from './channel.ts';
import { ModernCommand } from './command.ts';
import { askEra, probeHttp } from './discover.ts';
import { ModernHttp } from './http.ts';

/** A workspace whose era is known. On a legacy channel nothing was said but, at most, a probe. */
export type OpenedWorkspace =
  | { readonly era: 'modern'; readonly channel: ModernChannel }
  | { readonly era: 'legacy'; readonly channel: UpChannel };

/**
 * Finds out whether a workspace speaks MCP 2026-07-28, by `server/discover` unless it is known, and opens a channel of
 * the era it speaks, the modern one where it speaks both. A local command is probed on the pipe that is then used.
 * @throws BridgeError when that cannot be found out: the workspace cannot be reached, or refuses the credential.
 */
export async function openWorkspace(
  workspace: Workspace,
  http: WorkspaceHttp,
  eras: Eras,
  signal: AbortSignal,
): Promise<OpenedWorkspace> {
  const { account } = workspace;
  const { upstream } = account;
  if (upstream.kind === 'command') return openCommand(workspace, http.waits, eras, signal);
  if (upstream.kind === 'sse') return { era: 'legacy', channel: connect(workspace, http) };
  const url = new URL(upstream.url);
  const ask = (either: AbortSignal): Promise<boolean> => probeHttp(url, workspace, http, either);
  if (await eras.findOut(account, 'modern', signal, ask)) {
    return { era: 'modern', channel: new ModernHttp(url, workspace, http, eras) };
  }
  return { era: 'legacy', channel: connect(workspace, http) };
}

/** A command may need longer to start than silence is waited for; then its late answer still counts for the next one. */
async function openCommand(
  workspace: Workspace,
  waits: Waits,
  eras: Eras,
  signal: AbortSignal,
): Promise<OpenedWorkspace> {
  const { account } = workspace;
  const known = eras.speaks(account, 'modern');
  if (known) return { era: 'modern', channel: new ModernCommand({ workspace, waits, eras }) };
  signal.throwIfAborted();
  const pipe = new CommandPipe(commandLine(account), workspace, waits);
  if (known === false) return { era: 'legacy', channel: new CommandChannel(pipe, waits) };
  try {
    const era = await askOrSilence(pipe, waits.commandSilenceMs, signal, (speaks) =>
      eras.learn(account, 'modern', speaks),
    );
    if (era === 'legacy') return { era, channel: new CommandChannel(pipe, waits) };
  } catch (error) {
    void pipe[Symbol.asyncDispose]();
    throw error;
  }
  return { era: 'modern', channel: new ModernCommand({ workspace, waits, eras, pipe }) };
}

/** Silence is what older commands may say to what they do not know (MCP 2026-07-28, versioning over stdio). */
async function askOrSilence(
  pipe: CommandPipe,
  mostMs: number,
  signal: AbortSignal,
  learn: (speaks: boolean) => void,
): Promise<Era> {
  const asking = new AbortController();
  const asked = askEra(pipe, asking.signal).then((era) => {
    learn(era === 'modern');
    return era;
  });
  asked.catch(() => undefined);
  const silence = new AbortController();
  const silent = pause(mostMs, AbortSignal.any([signal, silence.signal])).then((): Era => {
    learn(false);
    return 'legacy';
  });
  silent.catch(() => undefined);
  try {
    return await Promise.race([asked, silent]);
  } catch (error) {
    asking.abort();
    throw error;
  } finally {
    silence.abort();
  }
}
