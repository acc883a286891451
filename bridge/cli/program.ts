import { Command, CommanderError } from 'commander';
import { Redactor } from '../base/redactor.ts';
import { oneLine } from '../base/text.ts';
import { VERSION } from '../base/version.ts';
import { BridgeError, trouble } from '../contract/errors.ts';
import type { CliCommand, Installation } from './command.ts';
import { type Context, execute, type GlobalFlags, report } from './execute.ts';
import { Terminal } from './terminal.ts';

/** Every command, in the order of the help. Only the one that runs is loaded. */
const catalog: Readonly<Record<string, () => Promise<{ readonly command: CliCommand }>>> = {
  serve: () => import('./commands/serve.ts'),
  stdio: () => import('./commands/stdio.ts'),
  add: () => import('./commands/add.ts'),
  login: () => import('./commands/login.ts'),
  logout: () => import('./commands/logout.ts'),
  look: () => import('./commands/look.ts'),
  accounts: () => import('./commands/accounts.ts'),
  use: () => import('./commands/use.ts'),
  as: () => import('./commands/as.ts'),
  check: () => import('./commands/check.ts'),
  tools: () => import('./commands/tools.ts'),
  rotate: () => import('./commands/rotate.ts'),
  update: () => import('./commands/update.ts'),
  remove: () => import('./commands/remove.ts'),
  clients: () => import('./commands/clients.ts'),
  connect: () => import('./commands/connect.ts'),
  disconnect: () => import('./commands/disconnect.ts'),
  restore: () => import('./commands/restore.ts'),
  migrate: () => import('./commands/migrate.ts'),
  endpoint: () => import('./commands/endpoint.ts'),
  panel: () => import('./commands/panel.ts'),
  status: () => import('./commands/status.ts'),
  doctor: () => import('./commands/doctor.ts'),
  log: () => import('./commands/log.ts'),
  export: () => import('./commands/export.ts'),
  pause: () => import('./commands/pause.ts'),
  resume: () => import('./commands/resume.ts'),
  unlock: () => import('./commands/unlock.ts'),
  settings: () => import('./commands/settings.ts'),
  completion: () => import('./commands/completion.ts'),
};

const NOTES = `
Secrets are typed at a hidden prompt or come on stdin; they are never arguments.
With --json, stdout holds one JSON document: the result, or {"error":{"code","message","details"}}.
"log --follow" writes one such document per line. Everything for people goes to stderr then.

Exit codes: 0 done, 1 internal fault, 2 wrong use, 3 a person must act (sign in, unlock),
4 refused by a rule, 5 unreachable.

GANGWAY_HOME               data folder, as --home
GANGWAY_VAULT              keychain (default), passphrase or memory: where secrets are kept
GANGWAY_PASSPHRASE_FILE    file with the passphrase, readable by you only`;

/**
 * Runs the command line.
 *
 * @param installation absent when it runs from its source.
 * @returns the exit code.
 */
export async function main(words: readonly string[], installation?: Installation): Promise<number> {
  const terminal = new Terminal(process);
  const leaving = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Once: a second Ctrl-C ends a process that does not end by itself.
    process.once(name, () => leaving.abort(new DOMException('Interrupted.', 'AbortError')));
  }
  // Node's own answer to it opens a debugger, which shows all that is in memory to whoever reaches its port.
  process.on('SIGUSR1', () => undefined);
  // A reader such as `head` has seen enough.
  process.stdout.on('error', () => leaving.abort(new DOMException('Nobody reads on.', 'AbortError')));
  process.stderr.on('error', () => undefined);
  const context: Context = {
    terminal,
    environment: process.env,
    signal: leaving.signal,
    program: () => buildProgram(Object.keys(catalog), async () => undefined),
    installation,
  };
  return runWords(words, context);
}

/** Parses the words and runs the command they name. @returns the exit code. */
export async function runWords(words: readonly string[], context: Context): Promise<number> {
  let code = 0;
  const [first = ''] = words;
  const needed = Object.hasOwn(catalog, first) ? [first] : Object.keys(catalog);
  const program = await buildProgram(needed, async (command, args, flags) => {
    code = await execute(command, args, flags, context);
  });
  const said: string[] = [];
  configureOutput(program, context.terminal, said);
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const text = said.join('').trim();
    if (error.code === 'commander.help') context.terminal.say(text);
    const wrong =
      error.code === 'commander.help' ? 'Say what to do: one of the commands above.' : complaint(text);
    await report(new BridgeError('invalid-input', wrong), words.includes('--json'), context.terminal);
    return trouble['invalid-input'].exit;
  }
}

/** What commander complains about as one sentence of ours, without anything that looks like a credential. */
function complaint(text: string): string {
  const plain = oneLine(new Redactor().clean(text.replace(/^error: /, '')), 220);
  const sentence = plain.charAt(0).toUpperCase() + plain.slice(1).replace(/ \((Did you mean .+)\)$/, '. $1');
  return `${sentence}${/[.)?]$/.test(sentence) ? '' : '.'} Run it with --help to see what it takes.`;
}

type Action = (
  command: CliCommand,
  args: readonly string[],
  flags: GlobalFlags & Record<string, unknown>,
) => Promise<void>;

async function buildProgram(names: readonly string[], action: Action): Promise<Command> {
  const program = new Command('gangway')
    .description('One local bridge between your AI apps and the MCP workspaces you work in.')
    .version(VERSION, '-V, --version')
    .option('--json', 'print one JSON document on stdout')
    .option('--home <dir>', 'data folder')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', NOTES)
    .exitOverride();
  const loaded = await Promise.all(names.map(async (name) => (await catalog[name]?.())?.command));
  for (const command of loaded) if (command) addCommand(program, command, action);
  return program;
}

function addCommand(program: Command, command: CliCommand, action: Action): void {
  const added = program.command(command.usage).description(command.summary);
  command.declare?.(added);
  if (command.details) added.addHelpText('after', `\n${command.details}`);
  added.action(async () => action(command, added.args, added.optsWithGlobals()));
}

/** Help goes to stdout; complaints are collected, so that they can be told in our way. */
function configureOutput(program: Command, terminal: Terminal, said: string[]): void {
  const output = {
    writeOut: (text: string) => void terminal.write(text),
    writeErr: (text: string) => void said.push(text),
  };
  for (const command of [program, ...program.commands]) command.configureOutput(output);
}
