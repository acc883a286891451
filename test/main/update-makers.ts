import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { CurrentBuild, Evidence, UpdateManifest, UpdateOffer } from '#main/update-manifest.ts';
import { manifestText } from '#main/update-manifest.ts';
import { adoptSecret } from '../canary/canary.ts';

/** Somebody who signs updates: the makers of Gangway, or somebody else. */
export interface Makers {
  readonly privateKey: KeyObject;
  /** As PEM, which is how a release workflow has it. */
  readonly pem: string;
  /** As a build holds it. */
  readonly publicKey: string;
  sign(text: string): string;
}

/** New makers. Their private key is searched for like every other secret of a test. */
export function someMakers(): Makers {
  for (;;) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const body = pem.split('\n')[1] ?? '';
    // Its last 42 characters are the key itself; only a plain text can be searched for.
    if (!/^[A-Za-z0-9]{40,}$/.test(body.slice(22, 62))) continue;
    adoptSecret('generic', body.slice(22, 62));
    return {
      privateKey,
      pem,
      publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
    };
  }
}

export const current: CurrentBuild = { version: '0.1.0', channel: 'latest', platform: 'linux', arch: 'x64' };
export const now = new Date('2027-03-01T12:00:00.000Z');

export const manifest: UpdateManifest = {
  algorithm: 'ed25519',
  version: '0.2.0',
  channel: 'latest',
  platform: 'linux',
  arches: ['x64'],
  signedAt: '2027-02-28T09:00:00.000Z',
  expiresAt: '2028-02-28T09:00:00.000Z',
  files: [
    { name: 'gangway-0.2.0-linux-x64.AppImage', sha512: `${'A'.repeat(86)}==`, size: 120_000_000 },
    { name: 'gangway-0.2.0-linux-amd64.deb', sha512: `${'B'.repeat(86)}==`, size: 90_000_000 },
  ],
};

/** What an honest server offers under this manifest. */
export function offerOf({ version, files }: UpdateManifest): UpdateOffer {
  return { version, files: files.map(({ name, sha512, size }) => ({ url: name, sha512, size })) };
}

/** Everything as it should be. */
export function honest(makers: Makers, signed: UpdateManifest = manifest): Evidence {
  const text = manifestText(signed);
  const { publicKey } = makers;
  return { text, signature: makers.sign(text), publicKey, current, offered: offerOf(signed), now };
}
