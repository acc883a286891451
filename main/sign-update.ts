import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { manifestText, measureFile, type UpdateManifest } from './update-manifest.ts';

/** Copies that are older than this by their signature are not installed any more; a later release has come by then. */
const VALID_MS = 400 * 24 * 60 * 60_000;

/** Files of electron-builder, and the computers each is for. */
const TARGETS: Readonly<Record<string, Pick<UpdateManifest, 'platform' | 'arches'>>> = {
  '': { platform: 'win32', arches: ['x64', 'arm64'] },
  '-mac': { platform: 'darwin', arches: ['x64', 'arm64'] },
  '-linux': { platform: 'linux', arches: ['x64'] },
  '-linux-arm64': { platform: 'linux', arches: ['arm64'] },
};

/**
 * Writes a signed manifest beside every `<channel>*.yml` in a folder of packages. Sizes and hashes are taken from the
 * packages themselves and must be those of the `.yml`.
 * @returns the names of the manifests
 * @throws Error when there is none, or when something about one cannot be signed
 */
export async function signFolder(folder: string, key: KeyObject, now: Date): Promise<string[]> {
  if (key.type !== 'private' || key.asymmetricKeyType !== 'ed25519')
    throw new Error('The key is no ed25519 key.');
  const written: string[] = [];
  for (const file of (await readdir(folder)).sort()) {
    const [, channel, suffix] = /^([a-z]+?)(|-mac|-linux|-linux-arm64)\.yml$/.exec(file) ?? [];
    const target = suffix === undefined ? undefined : TARGETS[suffix];
    if (channel === undefined || !target || channel.startsWith('builder') || channel === 'app') continue;
    const listed = readList(await readFile(join(folder, file), 'utf8'));
    const files = await Promise.all(
      listed.files.map(async ({ name, sha512 }) => {
        const measured = await measureFile(join(folder, name), new AbortController().signal);
        if (measured.sha512 !== sha512) throw new Error(`${name} is not the file that ${file} names.`);
        return { name, ...measured };
      }),
    );
    const manifest = manifestText({
      algorithm: 'ed25519',
      version: listed.version,
      channel,
      ...target,
      signedAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + VALID_MS).toISOString(),
      files,
    });
    const name = file.replace(/\.yml$/, '.json');
    await writeFile(join(folder, name), manifest);
    await writeFile(
      join(folder, `${name}.sig`),
      `${sign(null, Buffer.from(manifest), key).toString('base64')}\n`,
    );
    written.push(name);
  }
  if (written.length === 0) throw new Error('There is nothing to sign in this folder.');
  return written;
}

/** The few lines of such a file that matter; electron-builder writes them always alike. */
function readList(yml: string): { version: string; files: { name: string; sha512: string }[] } {
  const version = /^version: (\S+)$/m.exec(yml)?.[1];
  const files = [...yml.matchAll(/^ {2}- url: (\S+)\n {4}sha512: (\S+)$/gm)].map(
    ([, name = '', sha512 = '']) => ({
      name,
      sha512,
    }),
  );
  if (version === undefined || files.length !== yml.match(/^ {2}- /gm)?.length) {
    throw new Error('The list of packages cannot be read.');
  }
  return { version, files };
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    process.stderr.write('node main/sign-update.ts FOLDER < private-key.pem\n');
    process.exitCode = 2;
  } else {
    const written = await signFolder(folder, createPrivateKey(await text(process.stdin)), new Date());
    process.stdout.write(`Signed: ${written.join(', ')}\n`);
  }
}
