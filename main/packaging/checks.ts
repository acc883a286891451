import { readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sha256 } from './asar.ts';
import { fuseTroubles } from './fuses.ts';
import { filesBelow, type InstalledApp } from './installed-app.ts';
import { processorsOf } from './processors.ts';

/** One thing that must be true of every package. */
export interface Check {
  readonly name: string;
  /** What is wrong, each in one line; nothing when all is well. */
  readonly troubles: (app: InstalledApp) => Promise<string[]>;
}

/** In the order they are printed in. */
export const checks: readonly Check[] = [
  { name: 'fuses', troubles: async ({ electron }) => fuseTroubles(await readFile(electron)) },
  { name: 'archive', troubles: archiveTroubles },
  { name: 'content', troubles: contentTroubles },
  { name: 'integrity', troubles: integrityTroubles },
  { name: 'secrets', troubles: secretTroubles },
  { name: 'resources', troubles: resourceTroubles },
  { name: 'command', troubles: commandTroubles },
  { name: 'processors', troubles: processorTroubles },
  { name: 'modes', troubles: modeTroubles },
];

/** All that belongs in the archive. No source, no map, no test, no package but the keychain's. */
const archived: readonly RegExp[] = [
  /^package\.json$/,
  /^out\/(?:main|preload)\/(?:[\w-]+\/)*[\w.-]+\.(?:js|cjs|mjs)$/,
  /^out\/renderer\/(?:[\w-]+\/)*[\w.-]+\.(?:html|js|css|svg|png|ico|woff2|txt)$/,
  /^out\/(?:main|preload|renderer)\/licenses\.md$/,
  /^node_modules\/@napi-rs\/keyring(?:-[\w-]+)?\/(?:index\.js|package\.json|LICENSE[\w.-]*|[\w.-]+\.node)$/,
];
const needed = ['package.json', 'out/main/index.js', 'out/renderer/index.html'];

async function archiveTroubles({ archive: { files } }: InstalledApp): Promise<string[]> {
  const paths = files.map(({ path }) => path);
  const native = files.filter(({ path }) => path.endsWith('.node'));
  return [
    ...paths
      .filter((path) => /\.test\.|\.map$/.test(path) || !archived.some((form) => form.test(path)))
      .map((path) => `${path} does not belong into the archive`),
    ...files.filter(({ isLink }) => isLink).map(({ path }) => `${path} is a link`),
    ...needed.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
    ...(native.length === 0 ? ['the native code of the keychain is missing'] : []),
    ...native
      .filter(({ place }) => place !== null)
      .map(({ path }) => `${path} is inside the archive, where it cannot be loaded`),
  ];
}

/** Every file has the hash that the archive says; nothing lies beside the archive that it does not know. */
async function contentTroubles({ archive, resources }: InstalledApp): Promise<string[]> {
  const troubles: string[] = [];
  for (const file of archive.files) {
    const content = await archive.read(file).catch(() => undefined);
    if (content === undefined) troubles.push(`${file.path} is missing`);
    else if (file.hash === null) troubles.push(`${file.path} has no hash`);
    else if (file.hash !== sha256(content)) troubles.push(`${file.path} is not what the archive says`);
  }
  const folders = archive.files.flatMap(({ path, place }) => (place === null ? foldersOf(path) : []));
  const known = new Set([...folders, ...archive.files.map(({ path }) => path)]);
  for await (const { path } of filesBelow(join(resources, 'app.asar.unpacked'))) {
    if (!known.has(path)) troubles.push(`app.asar.unpacked/${path} is not of the archive`);
  }
  return troubles;
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Electron holds the archive against this hash at every start, on macOS and Windows; on Linux it does not (Electron 45). */
async function integrityTroubles(app: InstalledApp): Promise<string[]> {
  const { system, folder, executable, archive } = app;
  if (system === 'linux') return [];
  const file = system === 'mac' ? join(folder, 'Contents/Info.plist') : executable;
  const stored = (system === 'mac' ? hashInPlist : hashInProgram)(await readFile(file));
  if (stored === undefined) return ['the app does not know the hash of its archive'];
  return stored === archive.hash ? [] : ['the app knows another hash of its archive'];
}

function hashInPlist(plist: Buffer): string | undefined {
  const [, dict] =
    /<key>ElectronAsarIntegrity<\/key>\s*<dict>([\s\S]*?<\/dict>)/.exec(plist.toString()) ?? [];
  const [, own] = /<key>Resources\/app\.asar<\/key>\s*<dict>([\s\S]*?)<\/dict>/.exec(dict ?? '') ?? [];
  return /<key>hash<\/key>\s*<string>([0-9a-f]{64})<\/string>/.exec(own ?? '')?.[1];
}

/** It is a resource of the program: JSON, as electron-builder and Electron's `asar_util` agree. */
function hashInProgram(program: Buffer): string | undefined {
  const at = program.indexOf(String.raw`{"file":"resources\\app.asar"`);
  if (at < 0) return undefined;
  return /"value":"([0-9a-f]{64})"/.exec(program.toString('latin1', at, at + 200))?.[1];
}

/** Things that look like credentials, and traces of the computer that built the package. */
const secrets: readonly (readonly [name: string, form: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\\nr]*[A-Za-z0-9+/]{40}/],
  ['a token of GitHub', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60})/],
  ['a token of npm', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['a key of Amazon', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a key of Google', /\bAIza[\w-]{35}\b/],
  ['a token of Slack', /\bxox[abprs]-[\w-]{20}/],
  ['a key of a model', /\bsk-[\w-]{32}/],
  ['a signed token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20}/],
  ['a password in an address', /\bhttps?:\/\/[\w.%-]+:[^\s/@"'`${}]{6,}@[\w-]+\.[\w.-]+/],
  ['a source map', /[#@] sourceMappingURL=/],
];
const TEXT = /\.(?:js|cjs|mjs|json|html|css|svg|txt|yml|md)$/;

async function secretTroubles(app: InstalledApp): Promise<string[]> {
  const troubles: string[] = [];
  const look = (path: string, text: string): void => {
    for (const [name, form] of secrets) if (form.test(text)) troubles.push(`${path} holds ${name}`);
    if (text.includes(join(import.meta.dirname, '../..')))
      troubles.push(`${path} names the folder of the build`);
  };
  for (const file of app.archive.files) {
    if (TEXT.test(file.path)) look(file.path, (await app.archive.read(file)).toString());
  }
  for await (const { path, isLink } of filesBelow(app.resources)) {
    if (TEXT.test(path) && !isLink) look(path, await readFile(join(app.resources, path), 'utf8'));
  }
  return troubles;
}

/** What may be beside the archive. `default_app.asar` is Electron's own, which would run in place of ours. */
const beside: readonly RegExp[] = [
  /^(?:app\.asar|app\.asar\.unpacked|bin|panel|licenses|icons|app-update\.yml|apparmor-profile|package-type)$/,
  /^(?:icon\.icns|Assets\.car|[\w-]+\.lproj|LICENSE\.electron\.txt|LICENSES\.chromium\.html)$/,
];

async function resourceTroubles({ resources }: InstalledApp): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of filesBelow(resources)) found.push(path);
  const top = found.filter((path) => !path.includes('/'));
  const forms = /^(?:panel|icons)\/.*\.(?:map|ts|tsx)$/;
  return [
    ...top
      .filter((name) => !beside.some((form) => form.test(name)))
      .map((name) => `${name} does not belong beside the archive`),
    ...found.filter((path) => forms.test(path)).map((path) => `${path} does not belong into a package`),
    ...['panel/index.html', 'licenses/gangway.md', 'licenses/node.txt', 'app-update.yml']
      .filter((path) => !found.includes(path))
      .map((path) => `${path} is missing`),
    ...(found.some((path) => /^icons\/.*\.png$/.test(path)) ? [] : ['the icons are missing']),
  ];
}

/** Node writes the 1 when an application was put into it. */
const FILLED = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1';

async function commandTroubles({ command, shim, resources }: InstalledApp): Promise<string[]> {
  const program = await readFile(command).catch(() => undefined);
  const native = await readFile(shim).catch(() => undefined);
  const bundled = await readFile(join(resources, 'bin/gangway-shim.cjs')).catch(() => undefined);
  return [
    ...(program === undefined ? ['gangway is missing'] : []),
    ...(program === undefined || program.includes(FILLED) ? [] : ['gangway is no single executable']),
    // Without it every app that starts Gangway starts a whole Node.
    ...(native === undefined ? ['gangway-shim is missing'] : []),
    ...(native?.includes(FILLED) ? ['gangway-shim is no native program'] : []),
    // Without it no bundle can be made.
    ...(bundled === undefined ? ['gangway-shim.cjs is missing'] : []),
  ];
}

const platforms = { mac: 'darwin', win: 'win32', linux: 'linux' } as const;

/** Whatever Electron itself runs on, `gangway`, its shim and the code of the keychain run on too. */
async function processorTroubles(app: InstalledApp): Promise<string[]> {
  const { system, electron, command, shim, archive } = app;
  const needed = processorsOf(await readFile(electron));
  if (needed.length === 0) return ['Electron is for no processor that is known here'];
  const inCommand = processorsOf(await readFile(command).catch(() => Buffer.alloc(0)));
  const inShim = processorsOf(await readFile(shim).catch(() => Buffer.alloc(0)));
  const native = new RegExp(`/keyring-${platforms[system]}-[\\w-]+/[\\w.-]+\\.node$`);
  const inKeyrings: string[] = [];
  for (const file of archive.files.filter(({ path }) => native.test(path))) {
    inKeyrings.push(...processorsOf(await archive.read(file).catch(() => Buffer.alloc(0))));
  }
  return needed.flatMap((processor) => [
    ...(inCommand.includes(processor) ? [] : [`gangway is not for ${processor}`]),
    ...(inShim.includes(processor) ? [] : [`gangway-shim is not for ${processor}`]),
    ...(inKeyrings.includes(processor) ? [] : [`there is no code of the keychain for ${processor}`]),
  ]);
}

/** Windows has no such modes. */
async function modeTroubles(app: InstalledApp): Promise<string[]> {
  if (process.platform === 'win32' || app.system === 'win') return [];
  const troubles: string[] = [];
  const programs = [app.executable, app.command, app.shim].map((path) => relative(app.folder, path));
  const top = await realpath(app.folder);
  for await (const { path, mode, isLink } of filesBelow(app.folder)) {
    if (isLink) {
      const target = await realpath(join(app.folder, path)).catch(() => '');
      if (!target.startsWith(`${top}/`)) troubles.push(`${path} leads out of the app`);
      continue;
    }
    if ((mode & 0o002) !== 0) troubles.push(`${path} can be changed by everybody`);
    if ((mode & 0o6000) !== 0) troubles.push(`${path} runs as somebody else`);
    if (programs.includes(path) && (mode & 0o111) !== 0o111)
      troubles.push(`${path} cannot be run by everybody`);
  }
  return troubles;
}
