import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { linuxHeader, macHeader } from './program-headers.ts';
import { type Ended, runProgram } from './programs.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/** Nobody listens there: a build that wants to download something fails at once. */
const NOWHERE = 'http://127.0.0.1:9/';

interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/**
 * A copy of what packages are made from: configuration, icons, the packages that are shipped, and `out/` as `npm run build`
 * and `build:command` make it. Only the command is a placeholder; `command.test.ts` builds the real one.
 */
export async function makeProject(folder: string): Promise<void> {
  for (const part of ['electron-builder.yml', 'package.json', 'main/packaging', 'main/icons']) {
    await cp(join(REPOSITORY, part), join(folder, part), { recursive: true });
  }
  const { packages }: { packages: Record<string, Locked> } = JSON.parse(
    await readFile(join(REPOSITORY, 'package-lock.json'), 'utf8'),
  );
  const shipped = Object.entries(packages).filter(([path, { dev, devOptional }]) => {
    return path.startsWith('node_modules/') && !dev && !devOptional && existsSync(join(REPOSITORY, path));
  });
  for (const [path] of shipped) await cp(join(REPOSITORY, path), join(folder, path), { recursive: true });
  await build('electron-vite', 'build', '--outDir', join(folder, 'out'));
  await cp(join(folder, 'out/renderer'), join(folder, 'out/command/panel'), { recursive: true });
  await mkdir(join(folder, 'out/command/licenses'));
  for (const name of ['gangway.md', 'node.txt'])
    await writeFile(join(folder, 'out/command/licenses', name), name);
  for (const [system, header] of Object.entries({ linux: linuxHeader('x64'), mac: macHeader('x64') })) {
    const command = join(folder, `out/command/${system}-x64/gangway`);
    await mkdir(dirname(command));
    const text = Buffer.from('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1');
    await writeFile(command, Buffer.concat([header, text]));
    await chmod(command, 0o755);
    const shim = join(dirname(command), 'gangway-shim');
    await writeFile(shim, header);
    await chmod(shim, 0o755);
    await writeFile(join(dirname(command), 'gangway-shim.cjs'), '// It carries lines.');
  }
  await placeKeychainForMac(join(folder, 'node_modules/@napi-rs/keyring-darwin-x64'));
}

/** A placeholder, because npm brings the keychain's code for the own system only. */
async function placeKeychainForMac(folder: string): Promise<void> {
  await mkdir(folder);
  const manifest = { name: '@napi-rs/keyring-darwin-x64', version: '2.1.2', main: 'keyring.darwin-x64.node' };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, manifest.main), macHeader('x64'));
}

async function build(tool: string, ...words: string[]): Promise<void> {
  const { code, stderr } = await runTool(tool, words, REPOSITORY);
  if (code !== 0) throw new Error(`${tool} failed: ${stderr.slice(-2000)}`);
}

/** Runs electron-builder for one system in a project. Its output goes to `dist/<name>`. */
export async function runBuilder(
  folder: string,
  { name, words, electron, environment = {} }: BuilderRun,
): Promise<Ended> {
  const given = ['--publish', 'never', '--x64', `-c.directories.output=dist/${name}`];
  if (electron) given.push(`-c.electronDist=${electron}`);
  return runTool('electron-builder', [...words, ...given], folder, environment);
}

export interface BuilderRun {
  readonly name: string;
  readonly words: readonly string[];
  /** Folder of the placeholder. */
  readonly electron?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

async function runTool(
  tool: string,
  words: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const program = await programOf(tool);
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:npm_|VITEST|NODE_OPTIONS|NODE_ENV|CSC_|WIN_CSC_|APPLE_|GH_|GITHUB_|ELECTRON_)/i.test(name),
  );
  const env = {
    ...Object.fromEntries(kept),
    ELECTRON_MIRROR: NOWHERE,
    ELECTRON_BUILDER_BINARIES_MIRROR: NOWHERE,
    npm_config_registry: NOWHERE,
    npm_config_offline: 'true',
    CSC_IDENTITY_AUTO_DISCOVERY: 'false',
    ...environment,
  };
  return runProgram(process.execPath, [program, ...words], { cwd, env });
}

async function programOf(tool: string): Promise<string> {
  const folder = join(REPOSITORY, 'node_modules', tool);
  const { bin }: { bin: string | Record<string, string> } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = typeof bin === 'string' ? bin : bin[tool];
  if (file === undefined) throw new Error(`${tool} has no program.`);
  return join(folder, file);
}
