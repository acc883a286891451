import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { privateFolder } from '../../base/json-file.ts';
import { type Log, openLog } from '../../base/log.ts';
import type { Paths } from '../../base/paths.ts';
import { Redactor } from '../../base/redactor.ts';
import { VERSION } from '../../base/version.ts';
import { BridgeError } from '../../contract/errors.ts';
import { openPage, wayToOpen } from '../browser.ts';
import { bridgeCommand, type CommandParts, type Installation } from '../command.ts';

export interface PanelOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly open: boolean;
}

interface PanelFlags {
  readonly port?: number;
  readonly open: boolean;
}

export const command = bridgeCommand<PanelFlags, PanelOptions>({
  usage: 'panel',
  summary: 'show the window in your browser',
  details: [
    'It prints a link that works once and for five minutes, and opens it where there is a desktop. Enter prints',
    'another one, for another browser. With --json it prints one line once it is ready: {"ready":true,"url":…}.',
    'It runs until Ctrl-C or SIGTERM, and hosts the bridge meanwhile if nobody else does.',
  ].join('\n'),
  declare: (declared) =>
    declared
      .option('--port <number>', 'port on 127.0.0.1; any free one by default', readPort)
      .option('--no-open', 'open no browser, only print the link'),
  door: true,
  parse: (_, { port = 0, open }) => ({ port, open }),
  run: showPanel,
});

/**
 * Serves the window until the signal aborts or the person presses Ctrl-C.
 * @throws BridgeError `storage` when the window is not built, `conflict` when it does not fit the bridge that runs,
 * `port-taken`, or why no bridge can be had.
 */
export async function showPanel(options: PanelOptions, parts: CommandParts): Promise<undefined> {
  const { control, terminal, json, signal } = parts;
  const { readWindowFiles } = await import('../../panel/files.ts');
  const { openPanel } = await import('../../panel/server.ts');
  const { controlThrough } = await import('../../control/through.ts');
  const files = await readWindowFiles(windowFolder(parts.installation));
  // Finds the owner, or becomes it, before anybody is invited.
  refuseOther((await control.status(undefined, { signal })).version);
  const router = { control: controlThrough(control) };
  await using panel = await openPanel({ port: options.port, files, router, log: await logIn(parts.paths) });
  const leaving = new AbortController();
  const show = async (link: string): Promise<void> =>
    terminal.write(json ? `${JSON.stringify({ ready: true, url: link })}\n` : `${link}\n`);
  const link = panel.link();
  await show(link);
  using _keys = terminal.isInteractive
    ? terminal.listen({ enter: () => void show(panel.link()), leave: () => leaving.abort() })
    : undefined;
  terminal.say(
    `  The link works once. ${terminal.isInteractive ? 'Enter prints another one, ' : ''}Ctrl-C ends the panel.`,
  );
  if (options.open && terminal.isInteractive) openInBrowser(link, parts);
  await aborted(AbortSignal.any([signal, leaving.signal]));
  return undefined;
}

/** The window shows what its own version of the bridge tells; of another one it may miss what it cannot do without. */
function refuseOther(version: string): void {
  if (version === VERSION) return;
  throw new BridgeError(
    'conflict',
    `The bridge that runs is Gangway ${version.slice(0, 40)}, and this is ${VERSION}, whose window does not fit it. Stop that one, then try again.`,
  );
}

/** Where the built window is: installed with the command, or built in the folder of the source. */
export function windowFolder(installation: Pick<Installation, 'window'> | undefined): string {
  return installation?.window ?? join(import.meta.dirname, '..', '..', '..', 'out', 'renderer');
}

function openInBrowser(link: string, { terminal, environment }: CommandParts): void {
  const way = wayToOpen({ kind: 'usual' }, process.platform, environment);
  const failed = (why: string): void => terminal.say(`  ${why} Open the link yourself.`);
  if (way.kind === 'program') openPage(way, link, environment, failed);
  else failed(way.why);
}

/** Beside the log of the bridge, which may belong to another process. */
async function logIn({ logs }: Paths): Promise<Log> {
  await privateFolder(logs);
  const redactor = new Redactor();
  return openLog({ file: join(logs, 'panel.log'), redact: (text) => redactor.clean(text) });
}

/** Resolves when the signal aborts: the usual end of a panel, not a failure. */
async function aborted(signal: AbortSignal): Promise<void> {
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
