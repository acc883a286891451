import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createPackageWithOptions } from '@electron/asar';
import type { Processor } from '#main/packaging/processors.ts';
import { linuxHeader, macHeader, windowsHeader } from './program-headers.ts';

/** Where Electron's binary has its fuses, in the state that a package must have. */
export const FUSES = fuses('010011001');

/** The bytes of fuses: `0` off, `1` on, `r` removed. */
export function fuses(states: string, version = 1, length = states.length): Buffer {
  const head = Buffer.from([version, length]);
  return Buffer.concat([Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), head, Buffer.from(states)]);
}

export const COMMAND = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1';

/** Files of an archive by path; `null` takes one away. */
export type Files = Readonly<Record<string, string | Buffer | null>>;

const headers = { linux: linuxHeader, mac: macHeader, win: windowsHeader };

/** The keychain's code for a system and a processor, where its package has it. */
export const natives = {
  linux: 'node_modules/@napi-rs/keyring-linux-x64-gnu/keyring.linux-x64-gnu.node',
  mac: 'node_modules/@napi-rs/keyring-darwin-x64/keyring.darwin-x64.node',
  win: 'node_modules/@napi-rs/keyring-win32-x64-msvc/keyring.win32-x64-msvc.node',
};

const archived: Files = {
  'package.json': '{"name":"gangway","main":"./out/main/index.js"}',
  'out/main/index.js': 'start();',
  'out/preload/index.cjs': 'expose();',
  'out/renderer/index.html': '<!doctype html>',
  'out/renderer/assets/index-B1.js': 'render();',
  'node_modules/@napi-rs/keyring/index.js': 'load();',
};

const beside: Files = {
  'bin/gangway-shim.cjs': 'carry();',
  'panel/index.html': '<!doctype html>',
  'licenses/gangway.md': '# Licenses',
  'licenses/node.txt': 'MIT',
  'icons/app/512x512.png': 'png',
  'app-update.yml': 'provider: generic\n',
};

export interface AppParts {
  readonly system?: 'linux' | 'mac' | 'win';
  /** Other or further files of the archive. */
  readonly archived?: Files;
  /** Other or further files beside the archive. */
  readonly beside?: Files;
  readonly fuses?: Buffer;
  /** What Electron and `gangway` are for. */
  readonly processors?: readonly Processor[];
  readonly commandProcessors?: readonly Processor[];
  readonly shimProcessors?: readonly Processor[];
  /** Which files lie outside the archive. */
  readonly unpack?: string;
}

/** An app as a package holds it, made of placeholders. @returns its folder. */
export async function makeApp(folder: string, parts: AppParts = {}): Promise<string> {
  const { system = 'linux', unpack = '**/*.node', processors = ['x64'] } = parts;
  const header = (all: readonly Processor[]): Buffer =>
    system === 'mac' ? macHeader(...all) : headers[system](all[0] ?? 'x64');
  const app = join(folder, 'app');
  const resources = join(app, { linux: 'resources', win: 'resources', mac: 'Contents/Resources' }[system]);
  const source = join(folder, 'source');
  const native = { [natives[system]]: headers[system]('x64') };
  await writeFiles(source, { ...archived, ...native, ...parts.archived });
  await mkdir(resources, { recursive: true });
  await createPackageWithOptions(source, join(resources, 'app.asar'), { unpack });
  await rm(source, { recursive: true });
  const shim = system === 'win' ? 'bin/gangway-shim.exe' : 'bin/gangway-shim';
  await writeFiles(resources, {
    ...beside,
    [shim]: header(parts.shimProcessors ?? processors),
    ...parts.beside,
  });
  if (parts.beside?.[shim] !== null) await chmod(join(resources, shim), 0o755);
  const hash = await archiveHash(resources);
  const command = Buffer.concat([header(parts.commandProcessors ?? processors), Buffer.from(COMMAND)]);
  await writeProgram(join(resources, system === 'win' ? 'bin/gangway.exe' : 'bin/gangway'), command);
  const wire = Buffer.concat([header(processors), parts.fuses ?? FUSES]);
  if (system === 'linux') await writeProgram(join(app, 'gangway-desktop'), wire);
  if (system === 'win') await writeProgram(join(app, 'Gangway.exe'), windowsProgram(wire, hash));
  if (system === 'mac') {
    const electron = 'Contents/Frameworks/Electron Framework.framework/Versions/A/Electron Framework';
    await writeProgram(join(app, electron), wire);
    await writeProgram(join(app, 'Contents/MacOS/Gangway'), 'machine code');
    await writeFile(join(app, 'Contents/Info.plist'), plist(hash));
  }
  return app;
}

async function writeProgram(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await chmod(path, 0o755);
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Of the list of files, which begins behind 16 bytes and whose length is in the last four of them. */
async function archiveHash(resources: string): Promise<string> {
  const archive = await readFile(join(resources, 'app.asar'));
  const list = archive.subarray(16, 16 + archive.readUInt32LE(12));
  return createHash('sha256').update(list).digest('hex');
}

function windowsProgram(wire: Buffer, hash: string): Buffer {
  const known = JSON.stringify([{ file: 'resources\\app.asar', alg: 'SHA256', value: hash }]);
  return Buffer.concat([wire, Buffer.from(known)]);
}

function plist(hash: string): string {
  return `<plist version="1.0"><dict>
  <key>ElectronAsarIntegrity</key>
  <dict><key>Resources/app.asar</key>
    <dict><key>algorithm</key><string>SHA256</string><key>hash</key><string>${hash}</string></dict></dict>
  </dict></plist>`;
}
