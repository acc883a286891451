import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Nothing here waits for a person, so a command that takes longer hangs. */
const PATIENCE_MS = 60_000;

/** The command line of this checkout; `gangway` once it is installed. */
export const commandLine: string = fileURLToPath(new URL('../../bridge/cli/main.ts', import.meta.url));

/** The program an AI app starts for the stdio door. */
export const shim: string = fileURLToPath(new URL('../../bridge/shim/main.ts', import.meta.url));

/** A throw-away home with a running owner, driven through the real command line. */
export interface DemoGangway extends AsyncDisposable {
  /** Removed with everything in it at the end. */
  readonly folder: string;
  readonly home: string;
  readonly url: string;
  /** Runs a command with `--json` and gives its document back. Secrets go in by stdin. */
  run(args: readonly string[], stdin?: string, hear?: (line: string) => void): Promise<unknown>;
}

/** Starts `gangway serve` in a fresh folder, its vault sealed by a passphrase, so that no keychain is needed. */
export async function startGangway(): Promise<DemoGangway> {
  const folder = await mkdtemp(join(tmpdir(), 'gangway-demo-'));
  const home = join(folder, 'home');
  const passphrase = join(folder, 'passphrase');
  await writeFile(passphrase, randomBytes(24).toString('base64url'), { mode: 0o600 });
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    GANGWAY_VAULT: 'passphrase',
    GANGWAY_PASSPHRASE_FILE: passphrase,
  };
  const start = (args: readonly string[], timeout?: number): ChildProcess =>
    spawn(process.execPath, [commandLine, '--home', home, ...args], {
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout,
    });
  const owner = start(['serve', '--json']);
  const log = textOf(owner.stderr);
  const url = await readyAt(owner);
  if (url === undefined) throw new Error(`The bridge did not start:\n${log()}`);
  return {
    folder,
    home,
    url,
    run: async (args, stdin = '', hear) => {
      const child = start([...args, '--json'], PATIENCE_MS);
      child.stdin?.end(stdin);
      const output = textOf(child.stdout);
      const said = textOf(child.stderr);
      if (hear && child.stderr) createInterface({ input: child.stderr }).on('line', hear);
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0) throw new Error(`gangway ${args.join(' ')} ended with ${code}:\n${said()}`);
      return JSON.parse(output());
    },
    [Symbol.asyncDispose]: async () => {
      if (owner.exitCode === null) {
        owner.kill('SIGTERM');
        await once(owner, 'close');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readyAt(owner: ChildProcess): Promise<string | undefined> {
  if (!owner.stdout) return undefined;
  const lines = createInterface({ input: owner.stdout });
  const ended = once(owner, 'close').then(() => undefined);
  const line = await Promise.race([once(lines, 'line').then(([text]) => String(text)), ended]);
  return line === undefined ? undefined : (JSON.parse(line) as { url: string }).url;
}

/** Collects what a child says; call the result for the text so far. */
function textOf(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
