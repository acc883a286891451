import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { privateFolder, writeWhole } from '../base/json-file.ts';
import { pathsFor } from '../base/paths.ts';
import type { Bundle } from '../contract/clients.ts';
import { BridgeError } from '../contract/errors.ts';
import { entryName } from './known/entry-name.ts';

export interface BundleParts {
  /** Where bundles lie, in the data folder that the bundle leads to. */
  readonly folder: string;
  /** `current`, a connector or the short name of an account. */
  readonly address: string;
  /** What people call the account; the address stands in for it. */
  readonly title?: string | undefined;
  /** The shim as one file; undefined when it was not built. */
  readonly shim: string | undefined;
  /** A picture as PNG; the bundle has none when it cannot be read. */
  readonly icon?: string | undefined;
  readonly version: string;
}

/** Every bundle of the same content has the same bytes; before 1980 a zip knows no time. */
const MADE = new Date(1980, 0, 1);

/**
 * Makes a bundle that Claude Desktop installs (MCPB manifest 0.3). All it does is carry messages to the Gangway of this
 * computer, so it holds no secret and asks for none. Several bundles, each for another address, can be installed at once.
 * @throws BridgeError `conflict` when there is no shim to put in, `storage`.
 */
export async function makeBundle(parts: BundleParts): Promise<Bundle> {
  const { folder, address } = parts;
  const [server, icon] = await Promise.all([readShim(parts.shim), readIcon(parts.icon)]);
  const name = entryName(address);
  const manifest = manifestOf(parts, name, icon !== undefined);
  const content: Zippable = {
    'manifest.json': strToU8(`${JSON.stringify(manifest, null, 2)}\n`),
    ...(icon === undefined ? {} : { 'icon.png': icon }),
    'server/index.cjs': server,
  };
  const bytes = zipSync(content, { level: 9, mtime: MADE });
  const path = join(folder, `${name}.mcpb`);
  await privateFolder(folder);
  await writeWhole(path, bytes);
  return { path, name, bytes: bytes.length };
}

function manifestOf(
  { folder, address, title, version }: BundleParts,
  name: string,
  hasIcon: boolean,
): object {
  const isCurrent = address === 'current';
  const home = dirname(folder);
  const where = isCurrent ? 'the account in use' : (title ?? address);
  return {
    manifest_version: '0.3',
    name,
    display_name: isCurrent ? 'Gangway' : `Gangway: ${title ?? address}`,
    version,
    description: `Reaches ${where} through the Gangway on this computer, which keeps the keys and the sign-ins.`,
    author: { name: 'The Gangway authors' },
    license: 'MIT',
    ...(hasIcon ? { icon: 'icon.png' } : {}),
    server: {
      type: 'node',
      entry_point: 'server/index.cjs',
      mcp_config: {
        command: 'node',
        args: [
          `\${__dirname}/server/index.cjs`,
          ...['--client', 'claude-desktop'],
          ...(home === pathsFor(undefined, {}).home ? [] : ['--home', home]),
          ...(isCurrent ? [] : [address]),
        ],
        env: {},
      },
    },
    // The tools are those of the workspace.
    tools_generated: true,
    prompts_generated: true,
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: '>=20.0.0' } },
  };
}

async function readShim(path: string | undefined): Promise<Uint8Array> {
  const bytes = path === undefined ? undefined : await readFile(path).catch(() => undefined);
  if (bytes !== undefined) return bytes;
  throw new BridgeError(
    'conflict',
    'This copy of Gangway lacks the program that a bundle is made of. Install Gangway again; a copy that runs from its source makes it by "npm run build:shim".',
  );
}

async function readIcon(path: string | undefined): Promise<Uint8Array | undefined> {
  return path === undefined ? undefined : readFile(path).catch(() => undefined);
}
