import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as z from 'zod';

/** Larger than any package of ours, smaller than what would fill a disk unseen. */
const MOST_FILE_BYTES = 1024 ** 3;
const MOST_MANIFEST_CHARACTERS = 64 * 1024;
/** How far the clocks of the release and of this computer may differ. */
const CLOCK_SLACK_MS = 24 * 60 * 60_000;

/** `1.2.3`, or `1.2.3-beta.4` before it. */
const VERSION = /^(\d{1,5})\.(\d{1,5})\.(\d{1,5})(?:-([a-z]{1,20})\.(\d{1,5}))?$/;
/** One plain name: installers are started by it and shells may see it. */
const FILE_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,150}[A-Za-z0-9]$/;
const SHA512 = /^[A-Za-z0-9+/]{86}==$/;
/** 64 bytes (RFC 8032). */
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;

/** What the makers sign: one version for one kind of computer, with every file that belongs to it. */
export const UpdateManifest = z.strictObject({
  algorithm: z.literal('ed25519'),
  version: z.string().regex(VERSION),
  channel: z.string().regex(/^[a-z]{1,20}$/),
  platform: z.enum(['darwin', 'linux', 'win32']),
  arches: z
    .array(z.enum(['x64', 'arm64']))
    .min(1)
    .max(2),
  signedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  files: z
    .array(
      z.strictObject({
        name: z.string().regex(FILE_NAME),
        /** Base64, as in `latest.yml`. */
        sha512: z.string().regex(SHA512),
        size: z.number().int().min(1).max(MOST_FILE_BYTES),
      }),
    )
    .min(1)
    .max(20),
});
export type UpdateManifest = z.infer<typeof UpdateManifest>;
export type SignedFile = UpdateManifest['files'][number];

/** What an update server offers, by the word of its unsigned `latest*.yml`. */
export interface UpdateOffer {
  readonly version: string;
  readonly files: readonly {
    readonly url: string;
    readonly sha512: string;
    readonly size?: number | undefined;
  }[];
  /** It names further downloads, as web installers do. */
  readonly hasMore?: boolean | undefined;
}

/** The copy of Gangway that is to be replaced. */
export interface CurrentBuild {
  readonly version: string;
  readonly channel: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
}

export interface Evidence {
  /** The manifest and its signature (base64), as they were downloaded. */
  readonly text: string;
  readonly signature: string;
  readonly publicKey: string;
  readonly current: CurrentBuild;
  readonly offered: UpdateOffer;
  readonly now: Date;
}

export type Verdict =
  | { readonly kind: 'ok'; readonly manifest: UpdateManifest }
  | { readonly kind: 'refused'; readonly because: string };

/** The text that is signed. There is one way to write a manifest, so nothing can be hidden in another. */
export function manifestText(manifest: UpdateManifest): string {
  return `${JSON.stringify(UpdateManifest.parse(manifest), null, 2)}\n`;
}

/** The name of the manifest beside `latest*.yml`; its signature has `.sig` behind it. */
export function manifestName({ channel, platform, arch }: Omit<CurrentBuild, 'version'>): string {
  if (platform === 'darwin') return `${channel}-mac.json`;
  if (platform === 'win32') return `${channel}.json`;
  return arch === 'x64' ? `${channel}-linux.json` : `${channel}-linux-${arch}.json`;
}

/**
 * Whether what is offered may replace this copy: signed by the makers, newer, for this channel and computer, in its time,
 * and file by file what was signed. A check that cannot be made is a check that failed. Never throws.
 */
export function verifyManifest(evidence: Evidence): Verdict {
  const { text, signature, publicKey } = evidence;
  if (text.length > MOST_MANIFEST_CHARACTERS) return refuse('its signed list of files is too large');
  const key = readKey(publicKey);
  if (!key) return refuse('this build holds no usable key to check it with');
  if (!SIGNATURE.test(signature.trim()) || !isSigned(text, signature, key)) {
    return refuse('it is not signed by the makers of Gangway');
  }
  const manifest = readManifest(text);
  if (!manifest) return refuse('its signed list of files cannot be read');
  const trouble = fitTrouble(manifest, evidence) ?? offerTrouble(manifest, evidence.offered);
  return trouble ? refuse(trouble) : { kind: 'ok', manifest };
}

function readKey(publicKey: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

function isSigned(text: string, signature: string, key: KeyObject): boolean {
  try {
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

function readManifest(text: string): UpdateManifest | undefined {
  try {
    const parsed = UpdateManifest.safeParse(JSON.parse(text));
    // Written again it must be the same text: no name twice, nothing before, between or behind.
    return parsed.success && manifestText(parsed.data) === text ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function fitTrouble(manifest: UpdateManifest, { current, now }: Evidence): string | undefined {
  const { version, channel, platform, arches } = manifest;
  if (!isNewer(version, current.version)) return `version ${version} is not newer than this one`;
  if (channel !== current.channel) return `it belongs to the channel ${channel}`;
  if (platform !== current.platform) return 'it is for another system';
  if (!arches.some((arch) => arch === current.arch)) return 'it is for another kind of processor';
  if (Date.parse(manifest.signedAt) > now.getTime() + CLOCK_SLACK_MS) {
    return 'it was signed in the future; check the clock of this computer';
  }
  // An instant that is no number must not pass.
  if (!(Date.parse(manifest.expiresAt) > now.getTime())) {
    return 'its signature has expired; if that seems wrong, check the clock of this computer';
  }
  return undefined;
}

function offerTrouble(manifest: UpdateManifest, offered: UpdateOffer): string | undefined {
  const other = 'the files on the server are not those that were signed';
  if (offered.version !== manifest.version || offered.hasMore) return other;
  if (offered.files.length !== manifest.files.length) return other;
  const signed = new Map(manifest.files.map((file) => [file.name, file]));
  for (const { url, sha512, size } of offered.files) {
    const file = signed.get(url);
    if (file?.sha512 !== sha512 || file.size !== size) return other;
    signed.delete(url);
  }
  return undefined;
}

/** Order of versions: numbers first, and what is marked as not final comes before the final one (semver.org, 11). */
export function isNewer(version: string, than: string): boolean {
  const one = VERSION.exec(version);
  const other = VERSION.exec(than);
  if (!one || !other) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(one[part]) - Number(other[part]);
    if (difference !== 0) return difference > 0;
  }
  const [mark, otherMark] = [one[4], other[4]];
  if (mark === undefined || otherMark === undefined) return mark === undefined && otherMark !== undefined;
  return mark === otherMark ? Number(one[5]) > Number(other[5]) : mark > otherMark;
}

function refuse(because: string): Verdict {
  return { kind: 'refused', because: `The update was refused: ${because}. Nothing was changed.` };
}

/** The size and hash of a file, as a manifest names them. */
export async function measureFile(path: string, signal: AbortSignal): Promise<Omit<SignedFile, 'name'>> {
  // Node opens the file of a stream that is given up already, and never closes it.
  signal.throwIfAborted();
  const hash = createHash('sha512');
  let size = 0;
  for await (const chunk of createReadStream(path, { signal })) {
    const bytes: Uint8Array = chunk;
    size += bytes.length;
    hash.update(bytes);
  }
  return { sha512: hash.digest('base64'), size };
}

/** True when a downloaded file is one of those that were signed, byte for byte, now. */
export async function isSignedFile(
  path: string,
  manifest: UpdateManifest,
  signal: AbortSignal,
): Promise<boolean> {
  const { size: length } = await stat(path);
  if (length > MOST_FILE_BYTES) return false;
  const { size, sha512 } = await measureFile(path, signal);
  return manifest.files.some((file) => file.size === size && file.sha512 === sha512);
}
