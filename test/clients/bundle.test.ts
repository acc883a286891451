import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { getMcpConfigForManifest, v0_3 } from '@anthropic-ai/mcpb';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { pathsFor } from '#bridge/base/paths.ts';
import { type BundleParts, makeBundle } from '#bridge/clients/bundle.ts';
import { bundledShim, bundleIcon } from '#bridge/stdio-command.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { startWorld, text, type World } from '../flows/world.ts';
import { type Ended, runProgram } from '../packaging/programs.ts';
import { scratchFolder } from '../packaging/scratch.ts';
import { freshPaths } from '../shim/test-owner.ts';
import { startPlain } from '../workspaces/plain.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const ICON = join(REPOSITORY, 'main/icons/app/512x512.png');

let built: AsyncDisposable & { readonly path: string };
let shim: string;

beforeAll(async () => {
  built = await scratchFolder();
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--config', 'shim.vite.config.ts'];
  const { code, stderr } = await runProgram(process.execPath, [...vite, '--outDir', built.path], {
    cwd: REPOSITORY,
  });
  if (code !== 0) throw new Error(`The build failed: ${stderr.slice(-2000)}`);
  shim = join(built.path, 'gangway-shim.cjs');
}, 60_000);
afterAll(() => built[Symbol.asyncDispose]());

/** The official tool for bundles. */
function mcpb(...words: readonly string[]): Promise<Ended> {
  const program = join(REPOSITORY, 'node_modules/@anthropic-ai/mcpb/dist/cli/cli.js');
  return runProgram(process.execPath, [program, ...words]);
}

function make(parts: Partial<BundleParts> & Pick<BundleParts, 'folder'>): ReturnType<typeof makeBundle> {
  return makeBundle({ address: 'current', shim, icon: ICON, version: '1.2.3', ...parts });
}

async function freshFolder(): Promise<string> {
  return join((await temporaryHome()).path, 'bundles');
}

/** Takes a bundle apart, as an app that installs it does. */
async function installed(path: string): Promise<{ folder: string; manifest: unknown }> {
  const folder = join((await temporaryHome()).path, 'extension');
  expect(await mcpb('unpack', path, folder)).toMatchObject({ code: 0 });
  return { folder, manifest: JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) };
}

describe('a bundle', () => {
  test('is one that the official tool takes', async () => {
    const { path, name, bytes } = await make({ folder: await freshFolder(), address: 'acme', title: 'Acme' });
    expect([name, path.endsWith('/bundles/gangway-acme.mcpb'), (await stat(path)).size]).toEqual([
      'gangway-acme',
      true,
      bytes,
    ]);
    const { folder } = await installed(path);
    const validated = await mcpb('validate', join(folder, 'manifest.json'));
    expect(validated).toMatchObject({ code: 0, stdout: expect.stringContaining('passes') });
    expect(validated.stdout + validated.stderr).not.toMatch(/error|not found|failed/i);
    const info = await mcpb('info', path);
    expect(info).toMatchObject({ code: 0, stdout: expect.stringContaining('gangway-acme.mcpb') });
  });

  test('asks the person for nothing and holds nothing but the pipe', async () => {
    const { path } = await make({ folder: await freshFolder(), address: 'acme', title: 'Acme' });
    const { folder, manifest } = await installed(path);
    expect(manifest).toEqual({
      manifest_version: '0.3',
      name: 'gangway-acme',
      display_name: 'Gangway: Acme',
      version: '1.2.3',
      description: expect.stringContaining('Acme'),
      author: { name: 'The Gangway authors' },
      license: 'MIT',
      icon: 'icon.png',
      server: {
        type: 'node',
        entry_point: 'server/index.cjs',
        mcp_config: {
          command: 'node',
          args: [
            `\${__dirname}/server/index.cjs`,
            '--client',
            'claude-desktop',
            '--home',
            dirname(dirname(path)),
            'acme',
          ],
          env: {},
        },
      },
      tools_generated: true,
      prompts_generated: true,
      compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: '>=20.0.0' } },
    });
    expect(await readFile(join(folder, 'server/index.cjs'))).toEqual(await readFile(shim));
    expect(await readFile(join(folder, 'icon.png'))).toEqual(await readFile(ICON));
  });

  test('of the account in use names neither an address nor the usual data folder', async () => {
    const home = (await temporaryHome()).path;
    vi.stubEnv('HOME', home);
    vi.stubEnv('USERPROFILE', home);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { bundles } = pathsFor(undefined, {});
    expect(bundles.startsWith(home)).toBe(true);
    const { path, name } = await make({ folder: bundles });
    const { manifest } = await installed(path);
    expect(name).toBe('gangway');
    expect(manifest).toMatchObject({
      display_name: 'Gangway',
      server: {
        mcp_config: { args: [`\${__dirname}/server/index.cjs`, '--client', 'claude-desktop'] },
      },
    });
  });

  test('has the same bytes whenever it is made, in a file that is private', async () => {
    const folder = await freshFolder();
    const { path } = await make({ folder });
    const first = await readFile(path);
    vi.useFakeTimers({ now: new Date(2031, 5, 1), toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await make({ folder });
    expect((await readFile(path)).equals(first)).toBe(true);
    if (process.platform !== 'win32') {
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    }
  });

  test('of another address is another extension, so that both can be installed', async () => {
    const folder = await freshFolder();
    const made = [];
    for (const address of ['current', 'pelcro', 'acme']) made.push(await make({ folder, address }));
    expect(new Set(made.map(({ name }) => name)).size).toBe(3);
    expect(new Set(made.map(({ path }) => path)).size).toBe(3);
  });

  test('without a picture is valid all the same', async () => {
    const { path } = await make({ folder: await freshFolder(), icon: '/nonexistent/icon.png' });
    const { folder, manifest } = await installed(path);
    expect(manifest).not.toHaveProperty('icon');
    expect(await mcpb('validate', join(folder, 'manifest.json'))).toMatchObject({ code: 0 });
  });

  test.each([undefined, '/nonexistent/gangway-shim.cjs'])(
    'cannot be made while its program is missing, which says what to do: %s',
    async (missing) => {
      const folder = await freshFolder();
      await expect(
        makeBundle({ folder, address: 'current', shim: missing, version: '1.2.3' }),
      ).rejects.toThrow(
        expect.objectContaining({ code: 'conflict', message: expect.stringContaining('npm run build:shim') }),
      );
      await expect(stat(folder)).rejects.toThrow('ENOENT');
    },
  );
});

test('what a bundle is made of lies beside an installed command, and where a source builds it', async () => {
  const root = (await temporaryHome()).path;
  const put = async (...path: string[]): Promise<string> => {
    const file = join(root, ...path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
    return file;
  };
  const command = join(root, 'bin', 'gangway');
  const source = join(root, 'checkout', 'bridge', 'cli', 'main.ts');
  expect([bundledShim([command]), bundledShim(['node', source])]).toEqual([undefined, undefined]);
  const beside = await put('bin', 'gangway-shim.cjs');
  const made = await put('checkout', 'out', 'shim', 'gangway-shim.cjs');
  expect([bundledShim([command]), bundledShim(['node', source])]).toEqual([beside, made]);
  expect([bundleIcon([command]), bundleIcon(['node', source])]).toEqual([
    join(root, 'icons/app/512x512.png'),
    join(root, 'checkout/main/icons/app/512x512.png'),
  ]);
  expect(existsSync(bundleIcon(undefined))).toBe(true);
});

describe('an installed bundle', () => {
  let world: World;
  let workspace: Awaited<ReturnType<typeof startPlain>>;

  beforeAll(async () => {
    const key = canary('bearer');
    workspace = await startPlain({ name: 'acme', tokens: { ada: key } });
    world = await startWorld();
    await world.add({ connector: 'custom', label: 'Acme', url: workspace.url, key });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  /** Runs the server of a bundle with little in its environment. `nodeWords` stand before its own. */
  async function connected(address: string, nodeWords: readonly string[] = []): Promise<Client> {
    const { path } = await make({ folder: world.paths.bundles, address });
    const { folder, manifest } = await installed(path);
    const config = await getMcpConfigForManifest({
      manifest: v0_3.McpbManifestSchema.parse(manifest),
      extensionPath: folder,
      systemDirs: {},
      userConfig: {},
      pathSeparator: '/',
    });
    expect(config?.command).toBe('node');
    const client = new Client({ name: 'claude-ai', version: '1.0.0' });
    onTestFinished(() => client.close());
    const env = { HOME: folder, PATH: process.env.PATH ?? '' };
    const args = [...nodeWords, ...(config?.args ?? [])];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env, cwd: folder }));
    return client;
  }

  test.each(['acme', 'current'])('reaches the workspace through the bridge: %s', async (address) => {
    const client = await connected(address);
    expect(await text(client, 'echo', { text: 'hi' })).toBe('acme: hi');
    const sessions = await world.bridge.control.sessions.list();
    expect(sessions.map(({ client: name }) => name)).toContain('claude-desktop');
  });

  /** What Node 20 lacks of what the shim uses, as a program that runs before it. */
  async function asNode20(): Promise<string[]> {
    const older = join((await temporaryHome()).path, 'older.mjs');
    await writeFile(
      older,
      `delete Promise.withResolvers;
      const { parse } = JSON;
      JSON.parse = (text, reviver) => parse(text, reviver && function (key, value) {
        return reviver.call(this, key, value);
      });`,
    );
    return ['--import', older];
  }

  test('runs on Node 20, too', async () => {
    const client = await connected('acme', await asNode20());
    expect(await text(client, 'echo', { text: 'hi' })).toBe('acme: hi');
  });

  test.each([
    ['on this Node', false],
    ['on Node 20', true],
  ] as const)('answers by itself when no bridge runs, %s', async (_which, isOlder) => {
    const { home } = await freshPaths();
    const child = spawn(process.execPath, [...(isOlder ? await asNode20() : []), shim, '--home', home]);
    const ids = [7, 'seven', null];
    child.stdin.end(
      ids.map((id) => `${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list' })}\n`).join(''),
    );
    const lines = (await readAll(child.stdout)).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      ids.map((id) => ({ jsonrpc: '2.0', id, error: expect.objectContaining({ code: -31010 }) })),
    );
  });
});
