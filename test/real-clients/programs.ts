import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The versions this was tried with. They come from npm, into a folder of their own. */
const packages = ['@modelcontextprotocol/inspector@2.12.0', '@anthropic-ai/claude-code@2.1.329'] as const;

/** npm may fetch a few hundred megabytes. */
const INSTALL_MS = 10 * 60_000;
const RUN_MS = 60_000;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The programs of the apps, run with nothing of this computer's own settings. */
export interface RealClients {
  inspector(args: readonly string[]): Promise<Finished>;
  claude(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<Finished>;
}

/** Installs the MCP Inspector and Claude Code below a folder. @throws Error when npm cannot. */
export async function installRealClients(folder: string): Promise<RealClients> {
  const home = join(folder, 'apps-home');
  await mkdir(home);
  const { path, bin } = await installApps(folder, packages);
  const bare = { PATH: path, HOME: home, USERPROFILE: home };
  return {
    inspector: (args) => run(bin('mcp-inspector'), ['--cli', ...args], { env: bare, timeout: RUN_MS }),
    claude: (args, variables) =>
      run(bin('claude'), args, { env: { ...bare, ...variables }, timeout: RUN_MS, cwd: home }),
  };
}

/** Programs that npm installed. */
export interface InstalledApps {
  /** A search path on which they find Node. */
  readonly path: string;
  bin(name: string): string;
}

/** Installs npm packages below a folder. @throws Error when npm cannot. */
export async function installApps(folder: string, wanted: readonly string[]): Promise<InstalledApps> {
  const apps = join(folder, 'apps');
  await mkdir(apps, { recursive: true });
  // Whatever node npm finds first is the one that runs this, because that one is new enough for all of them.
  const path = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
  const installed = await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', apps, ...wanted], {
    env: { ...process.env, PATH: path },
    timeout: INSTALL_MS,
  });
  if (installed.code !== 0) throw new Error(`npm could not install the apps:\n${installed.stderr}`);
  return { path, bin: (name) => join(apps, 'node_modules', '.bin', name) };
}

/** Runs a program to its end, with nothing on stdin. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly timeout: number; readonly cwd?: string },
): Promise<Finished> {
  // npm's programs are batch files on Windows, which only a shell starts.
  const child = spawn(program, args, {
    ...options,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: await stdout, stderr: await stderr };
}
