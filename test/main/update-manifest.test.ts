import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type Evidence,
  isNewer,
  manifestName,
  type UpdateManifest,
  verifyManifest,
} from '#main/update-manifest.ts';
import { current, honest, manifest, now, offerOf, someMakers } from './update-makers.ts';

const makers = someMakers();
const others = someMakers();
const good = honest(makers);
const [file, second] = manifest.files;
const yes = { kind: 'ok', manifest };

/** What is signed by the right key, whatever it is. */
function signed(text: string, change: Partial<Evidence> = {}): Evidence {
  return { ...good, text, signature: makers.sign(text), ...change };
}

/** The same with members exchanged, and offered as it is signed. */
function changed(change: object, offered?: Evidence['offered']): Evidence {
  const other = { ...manifest, ...change };
  const text = `${JSON.stringify(other, null, 2)}\n`;
  const files = Array.isArray(other.files) ? other.files : [];
  return signed(text, {
    offered: offered ?? offerOf({ ...manifest, version: String(other.version), files }),
  });
}

const named = (name: unknown) => changed({ files: [{ ...file, name }] });
const sized = (size: unknown) => changed({ files: [{ ...file, size }] });
const offering = (files: Evidence['offered']['files']) => ({ ...good, offered: { version: '0.2.0', files } });
const honestFiles = good.offered.files;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const notSigned = 'not signed by the makers';
const unreadable = 'signed list of files cannot be read';
const otherFiles = 'not those that were signed';

test('what is signed, newer, meant for this computer and offered as it was signed is taken', () => {
  expect(verifyManifest(good)).toEqual(yes);
  expect(verifyManifest({ ...good, signature: `${good.signature}\n` })).toEqual(yes);
  expect(verifyManifest({ ...good, offered: { version: '0.2.0', files: honestFiles.toReversed() } })).toEqual(
    yes,
  );
});

const bad: readonly (readonly [what: string, evidence: Evidence, words: string])[] = [
  ['no signature', { ...good, signature: '' }, notSigned],
  ['a signature of zeros', { ...good, signature: `${'A'.repeat(86)}==` }, notSigned],
  ['a signature that is cut', { ...good, signature: good.signature.slice(0, -4) }, notSigned],
  ['a signature that is no base64', { ...good, signature: '!'.repeat(88) }, notSigned],
  ['a signature with something before it', { ...good, signature: `x${good.signature}` }, notSigned],
  ['a signature of somebody else', { ...good, signature: others.sign(good.text) }, notSigned],
  ['a signature of another manifest', { ...good, signature: makers.sign('{}') }, notSigned],
  ['one changed character', { ...good, text: good.text.replace('0.2.0', '0.3.0') }, notSigned],
  ['one more line break', { ...good, text: `${good.text}\n` }, notSigned],
  ['a truncated manifest', { ...good, text: good.text.slice(0, 200) }, notSigned],
  ['an empty manifest', { ...good, text: '' }, notSigned],
  ['line ends of Windows', { ...good, text: good.text.replaceAll('\n', '\r\n') }, notSigned],
  [
    'a key of another kind with its own signature',
    {
      ...good,
      publicKey: rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      signature: sign('sha512', Buffer.from(good.text), rsa.privateKey).toString('base64'),
    },
    'no usable key',
  ],
  ['a build without a key', { ...good, publicKey: '' }, 'no usable key'],
  ['a build with a damaged key', { ...good, publicKey: makers.publicKey.slice(0, -8) }, 'no usable key'],
  ['a build with the key of somebody else', { ...good, publicKey: others.publicKey }, notSigned],
  ['a manifest of 65 KB', signed(good.text.padEnd(66_000)), 'too large'],
  ['a manifest of 100 MB', { ...good, text: 'x'.repeat(100_000_000) }, 'too large'],
  ['text that is no JSON', signed('version: 0.2.0\n'), unreadable],
  ['a truncated manifest that was signed so', signed(good.text.slice(0, 200)), unreadable],
  ['a list in place of the manifest', signed(`[${good.text}]`), unreadable],
  ['a name that stands there twice', signed(good.text.replace('{', '{\n  "version": "9.9.9",')), unreadable],
  [
    'a file name that stands there twice',
    signed(good.text.replace('"name"', '"name": "x.exe",\n      "name"')),
    unreadable,
  ],
  ['another order of blanks', signed(JSON.stringify(manifest)), unreadable],
  ['an unknown member', changed({ script: 'x' }), unreadable],
  ['a member __proto__', signed(good.text.replace('{', '{\n  "__proto__": {},')), unreadable],
  ['an unknown algorithm', changed({ algorithm: 'rsa' }), unreadable],
  ['no algorithm', changed({ algorithm: undefined }), unreadable],
  ['the same version', changed({ version: '0.1.0' }), 'not newer'],
  ['an older version', changed({ version: '0.0.9' }), 'not newer'],
  ['a version before this one', changed({ version: '0.1.0-beta.9' }), 'not newer'],
  ['a version that is none', changed({ version: 'latest' }), unreadable],
  ['a version with more behind it', changed({ version: '0.2.0; id' }), unreadable],
  ['this copy has a version that is none', { ...good, current: { ...current, version: 'dev' } }, 'not newer'],
  ['another channel', changed({ channel: 'beta' }), 'channel beta'],
  ['another system', changed({ platform: 'win32' }), 'another system'],
  ['an unknown system', changed({ platform: 'linux2' }), unreadable],
  ['another processor', changed({ arches: ['arm64'] }), 'another kind of processor'],
  ['no processor', changed({ arches: [] }), unreadable],
  ['a signature that has expired', { ...good, now: new Date('2028-02-28T09:00:00.000Z') }, 'expired'],
  ['a clock that went far ahead', { ...good, now: new Date('2060-01-01') }, 'expired'],
  ['a clock at its beginning', { ...good, now: new Date(0) }, 'check the clock'],
  ['a clock that is no clock', { ...good, now: new Date(Number.NaN) }, 'expired'],
  ['a signature of next week', changed({ signedAt: '2027-03-08T00:00:00.000Z' }), 'check the clock'],
  ['a time that is none', changed({ expiresAt: 'never' }), unreadable],
  ['no files', changed({ files: [] }), unreadable],
  ['21 files', changed({ files: Array(21).fill(file) }), unreadable],
  ['a name with quotes', named('gangway".exe'), unreadable],
  ['a name with an apostrophe', named("gangway'.exe"), unreadable],
  ['a name with a command in it', named('$(calc).exe'), unreadable],
  ['a name with a backtick', named('`id`.AppImage'), unreadable],
  ['a name with a blank', named('gangway 0.2.0.exe'), unreadable],
  ['a name with ..', named('../gangway.exe'), unreadable],
  ['a name with .. inside', named('gangway..exe'), unreadable],
  ['a name with a slash', named('sub/gangway.exe'), unreadable],
  ['a name with a backslash', named('sub\\gangway.exe'), unreadable],
  ['a name with a drive', named('C:gangway.exe'), unreadable],
  ['a name that is an address elsewhere', named('https://evil.example/gangway.exe'), unreadable],
  ['a name that begins with two slashes', named('//evil.example/gangway.exe'), unreadable],
  ['a name that looks like a switch', named('-rf.exe'), unreadable],
  ['a name with %2f', named('..%2fgangway.exe'), unreadable],
  ['a name with a line break', named('gangway.exe\n'), unreadable],
  ['an empty name', named(''), unreadable],
  ['a name of 200 characters', named(`${'a'.repeat(196)}.exe`), unreadable],
  ['a file of 2 GB', sized(2 * 1024 ** 3), unreadable],
  ['a file of nothing', sized(0), unreadable],
  ['a file of less than nothing', sized(-1), unreadable],
  ['half a byte', sized(0.5), unreadable],
  ['a size as text', sized('120000000'), unreadable],
  ['a hash of another kind', changed({ files: [{ ...file, sha512: 'a'.repeat(64) }] }), unreadable],
  ['two files with one name', changed({ files: [file, file] }), otherFiles],
  ['another version offered', { ...good, offered: { ...good.offered, version: '0.2.1' } }, otherFiles],
  [
    'another hash offered',
    offering([{ ...honestFiles[0]!, sha512: second!.sha512 }, honestFiles[1]!]),
    otherFiles,
  ],
  [
    'the hashes of two files swapped',
    offering([
      { ...honestFiles[0]!, sha512: second!.sha512 },
      { ...honestFiles[1]!, sha512: file!.sha512 },
    ]),
    otherFiles,
  ],
  ['another size offered', offering([{ ...honestFiles[0]!, size: 1 }, honestFiles[1]!]), otherFiles],
  ['no size offered', offering([{ ...honestFiles[0]!, size: undefined }, honestFiles[1]!]), otherFiles],
  ['a file fewer offered', offering([honestFiles[0]!]), otherFiles],
  [
    'a file more offered',
    offering([...honestFiles, { url: 'x.exe', sha512: file!.sha512, size: 1 }]),
    otherFiles,
  ],
  ['one file offered twice', offering([honestFiles[0]!, honestFiles[0]!]), otherFiles],
  ['nothing offered', offering([]), otherFiles],
  [
    'the same file at another host offered',
    offering([{ ...honestFiles[0]!, url: `https://evil.example/${file!.name}` }, honestFiles[1]!]),
    otherFiles,
  ],
  [
    'the same file a folder up offered',
    offering([{ ...honestFiles[0]!, url: `../${file!.name}` }, honestFiles[1]!]),
    otherFiles,
  ],
  [
    'downloads besides the files offered',
    { ...good, offered: { ...good.offered, hasMore: true } },
    otherFiles,
  ],
];

describe('refused is', () => {
  test.each(bad)('%s', (_what, evidence, words) => {
    const verdict = verifyManifest(evidence);
    expect(verdict).toEqual({ kind: 'refused', because: expect.stringContaining(words) });
    expect(verdict.kind === 'refused' && verdict.because.length).toBeLessThan(300);
  });

  test('every single bit of the signature counts', () => {
    const bytes = Buffer.from(good.signature, 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifyManifest({ ...good, signature: flipped.toString('base64') }).kind).toBe('refused');
    }
  });
});

test('a clock a few hours behind takes an update that was just signed', () => {
  const fresh: UpdateManifest = { ...manifest, signedAt: new Date(now.getTime() + 3_600_000).toISOString() };
  expect(verifyManifest(honest(makers, fresh)).kind).toBe('ok');
});

describe('versions are in this order', () => {
  const order = [
    '0.0.9',
    '0.1.0-alpha.2',
    '0.1.0-beta.1',
    '0.1.0-beta.10',
    '0.1.0',
    '0.1.10',
    '0.2.0',
    '1.0.0',
    '10.0.0',
  ];
  test.each(order.map((version, place) => [version, place] as const))('%s', (version, place) => {
    expect(order.map((other) => isNewer(version, other))).toEqual(order.map((_, other) => other < place));
  });

  test('and what is no version is newer than nothing', () => {
    for (const odd of ['', 'v1.0.0', '1.0', '1.0.0.0', '1.0.0-', '999999.0.0']) {
      expect([isNewer(odd, '0.0.1'), isNewer('9.9.9', odd)]).toEqual([false, false]);
    }
  });
});

test.each([
  ['win32', 'x64', 'latest.json'],
  ['win32', 'arm64', 'latest.json'],
  ['darwin', 'arm64', 'latest-mac.json'],
  ['linux', 'x64', 'latest-linux.json'],
  ['linux', 'arm64', 'latest-linux-arm64.json'],
] as const)('the manifest for %s %s is %s', (platform, arch, name) => {
  expect(manifestName({ channel: 'latest', platform, arch })).toBe(name);
});
