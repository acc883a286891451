import { fstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Paths } from '../../base/paths.ts';
import { plainCommand, type Surroundings } from '../command.ts';
import { hostBridge } from '../host.ts';

export interface ServeOptions {
  readonly http: boolean;
  readonly port: number | undefined;
  readonly vault: string | undefined;
}

interface ServeFlags {
  readonly http: boolean;
  readonly port?: number;
  readonly vault?: string;
}

export const command = plainCommand<ServeFlags, ServeOptions>({
  usage: 'serve',
  summary: 'host the bridge in the foreground',
  details:
    'With --json it prints one line once it is ready: {"ready":true,"socket":…,"url":…}. SIGTERM and Ctrl-C end it.',
  declare: (declared) =>
    declared
      .option('--port <number>', 'port of the HTTP door on 127.0.0.1, for this run', readPort)
      .addOption(
        new Option('--vault <kind>', 'where secrets are kept').choices(['keychain', 'passphrase', 'memory']),
      )
      .option('--no-http', 'open no HTTP door'),
  parse: (_, flags) => ({ http: flags.http, port: flags.port, vault: flags.vault }),
  run: serve,
});

/** Hosts the bridge until the signal aborts. @throws BridgeError `owner-running`, `port-taken`, `storage`. */
export async function serve(options: ServeOptions, surroundings: Surroundings): Promise<undefined> {
  const { paths, terminal, json, signal } = surroundings;
  await using bridge = await hostBridge(surroundings, { ...options, logsToStderr: !saysWhyItFails(paths) });
  const { socket, url } = bridge;
  if (json) await terminal.write(`${JSON.stringify({ ready: true, socket, url })}\n`);
  else {
    const door = url ? `HTTP door: ${url}` : 'The HTTP door is closed.';
    await terminal.write(`Gangway is ready. ${door}\nSocket: ${socket}\nStop it with Ctrl-C.\n`);
  }
  await aborted(signal);
  return undefined;
}

/** An app started this owner: its stderr is a file for what goes wrong at the start, and nobody keeps that one small. */
function saysWhyItFails({ logs }: Pick<Paths, 'logs'>): boolean {
  try {
    const [stderr, file] = [fstatSync(2), statSync(join(logs, 'start.log'))];
    return stderr.dev === file.dev && stderr.ino === file.ino;
  } catch {
    return false;
  }
}

/** Resolves when the signal aborts: the usual end of `serve`, not a failure. */
async function aborted(signal: AbortSignal): Promise<void> {
  // A pending promise alone does not keep the process alive, and the doors do.
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function readPort(typed: string): number {
  const port = Number(typed);
  if (Number.isInteger(port) && port >= 1024 && port <= 65535) return port;
  throw new InvalidArgumentError('A port is a number from 1024 to 65535.');
}
