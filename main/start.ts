import { type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/*
 * `npm start`: builds, then starts the desktop app. Electron's binary is downloaded when it is first needed; where that
 * is impossible, the window opens in the browser instead. It runs on Node alone.
 */

/** Which Electron there is. */
export interface Found {
  /** The person wants the window in the browser. */
  readonly panel: boolean;
  /** Folder that `ELECTRON_OVERRIDE_DIST_PATH` names. */
  readonly override: string | undefined;
  /** Folder of the binary that came with the npm package; undefined before its download. */
  readonly installed: string | undefined;
  /** There is a desktop that could show a window. */
  readonly hasDesktop: boolean;
}

export type Decision =
  /** `because` says why not the app, where the person did not choose the browser. */
  | { readonly kind: 'panel'; readonly because?: string }
  | { readonly kind: 'desktop'; readonly folder: string }
  | { readonly kind: 'download' };

/** What to start. Pure. */
export function decide({ panel, override, installed, hasDesktop }: Found): Decision {
  if (panel) return { kind: 'panel' };
  if (!override && !hasDesktop) return { kind: 'panel', because: 'There is no desktop here' };
  const folder = override || installed;
  return folder === undefined ? { kind: 'download' } : { kind: 'desktop', folder };
}

/** On Linux a desktop says where its screen is; the others always have one. Pure. */
export function hasDesktop(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): boolean {
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
}

/** Electron's program below a folder that holds its binary. */
export function programIn(folder: string, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(folder, 'Electron.app', 'Contents', 'MacOS', 'Electron');
  return join(folder, platform === 'win32' ? 'electron.exe' : 'electron');
}

/** Why a download failed, in a few words, by what the downloader printed. Pure. */
export function reasonOf(printed: string): string {
  const known: readonly (readonly [RegExp, string])[] = [
    [/Response code/, 'its server refused'],
    [/checksum/i, 'the download was damaged'],
    [/ENOSPC/, 'the disk is full'],
    [/EACCES|EPERM|EROFS/, 'it cannot be saved here'],
    [/not available on platform/, 'there is none for this system'],
    // Node says no more when it cannot connect.
    [/fetch failed/, 'its server cannot be reached'],
  ];
  return known.find(([pattern]) => pattern.test(printed))?.[1] ?? 'the download failed';
}

/** How a child ended, as a shell reports it. */
function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 1 : constants.signals[signal]);
}

/** What is printed is kept, in case it goes wrong. */
const QUIET: SpawnOptions['stdio'] = ['ignore', 'pipe', 'pipe'];

interface Ended {
  readonly code: number;
  /** Empty when it printed to the terminal itself. */
  readonly printed: string;
}

/**
 * Runs a program to its end, in the process group of this one: Ctrl-C in a terminal reaches both, so it ends the child
 * and this one waits for it. What only this one is sent is passed on.
 */
async function run(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
  limitMs?: number,
): Promise<Ended> {
  const child = spawn(file, args, { timeout: limitMs, killSignal: 'SIGKILL', ...options });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const wait = (): void => undefined;
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', wait).on('SIGTERM', passOn).on('SIGHUP', passOn);
  try {
    return await new Promise<Ended>((resolve) => {
      child.once('error', (error) => resolve({ code: 1, printed: `${printed}${error.message}\n` }));
      child.once('close', (code, signal) => resolve({ code: exitCode(code, signal), printed }));
    });
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', passOn).off('SIGHUP', passOn);
  }
}

/** Long enough for about 150 MB on a slow line. */
const DOWNLOAD_MS = 10 * 60_000;
/** From here on, a person would wonder. */
const QUIET_MS = 3_000;

/** Downloads Electron's binary as its package does at its first start. @returns why it could not be had, if so. */
async function download(root: string): Promise<string | undefined> {
  const notice = setTimeout(() => say('Downloading Electron, this once …'), QUIET_MS);
  try {
    const install = join(root, 'node_modules', 'electron', 'install.js');
    const { code, printed } = await run(process.execPath, [install], { stdio: QUIET }, DOWNLOAD_MS);
    if (installedIn(root) !== undefined) return undefined;
    return code === exitCode(null, 'SIGKILL') ? 'the download took too long' : reasonOf(printed);
  } finally {
    clearTimeout(notice);
  }
}

/** `path.txt` is the last thing that Electron's download writes. */
function installedIn(root: string): string | undefined {
  const folder = join(root, 'node_modules', 'electron');
  try {
    const program = readFileSync(join(folder, 'path.txt'), 'utf8');
    return existsSync(join(folder, 'dist', program)) ? join(folder, 'dist') : undefined;
  } catch {
    return undefined;
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function startPanel(root: string, words: readonly string[]): Promise<number> {
  const program = join(root, 'bridge', 'cli', 'main.ts');
  return (await run(process.execPath, [program, 'panel', ...words], { stdio: 'inherit' })).code;
}

/** The words were for the app. */
async function startPanelInstead(root: string, because: string): Promise<number> {
  say(`gangway: ${because}, so the window opens in the browser instead.`);
  return startPanel(root, []);
}

async function startDesktop(root: string, folder: string, words: readonly string[]): Promise<number> {
  // Terminals inside of Electron apps set it, and Electron would be a plain Node.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  const { code, printed } = await run(programIn(folder, process.platform), [root, ...words], {
    stdio: 'inherit',
    env,
  });
  if (printed !== '') say(`gangway: Electron could not be started. ${printed.trim()}`);
  return code;
}

/** Builds and starts what can be started here. @returns the exit code. */
export async function start(root: string, words: readonly string[]): Promise<number> {
  const builder = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const built = await run(process.execPath, [builder, 'build'], { stdio: QUIET, cwd: root });
  if (built.code !== 0) {
    say(`${built.printed.trimEnd()}\ngangway: The app could not be built; see above.`);
    return built.code;
  }
  const panel = words.includes('--panel');
  const rest = words.filter((word) => word !== '--panel');
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const decision = decide({
    panel,
    override,
    installed: installedIn(root),
    hasDesktop: hasDesktop(process.platform, process.env),
  });
  if (decision.kind === 'panel') {
    const { because } = decision;
    return because === undefined ? startPanel(root, rest) : startPanelInstead(root, because);
  }
  if (decision.kind === 'desktop') return startDesktop(root, decision.folder, rest);
  const why = await download(root);
  const folder = installedIn(root);
  if (folder !== undefined) return startDesktop(root, folder, rest);
  return startPanelInstead(root, `Electron cannot be had here (${why})`);
}

if (import.meta.main) process.exitCode = await start(join(import.meta.dirname, '..'), process.argv.slice(2));
