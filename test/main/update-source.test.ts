import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { readText, type SourceParts, sourceOver, type Updater } from '#main/update-source.ts';
import { current, manifest, offerOf } from './update-makers.ts';

type Token = ReturnType<SourceParts['newToken']>;
type Found = Awaited<ReturnType<Updater['checkForUpdates']>>;

/** electron-updater as far as it is used, with what it was told. */
class DoubleUpdater extends EventEmitter {
  autoDownload = true;
  autoInstallOnAppQuit = true;
  allowDowngrade = true;
  allowPrerelease = true;
  disableWebInstaller = false;
  logger: Updater['logger'] = { info() {}, warn() {}, error() {} };
  requestHeaders: Updater['requestHeaders'] = null;
  feed: unknown;
  isActive = true;
  found: Found = null;
  installed: unknown;
  downloading = Promise.resolve(['/tmp/gangway.AppImage']);

  isUpdaterActive(): boolean {
    return this.isActive;
  }

  setFeedURL(feed: unknown): void {
    this.feed = feed;
    // As choosing a channel does there.
    this.allowDowngrade = true;
  }

  async checkForUpdates(): Promise<Found> {
    return this.found;
  }

  async downloadUpdate(): Promise<string[]> {
    this.emit('download-progress', { percent: 12 });
    return this.downloading;
  }

  quitAndInstall(...how: unknown[]): void {
    this.installed = how;
  }
}

let updater: DoubleUpdater;
let cancelled: number;

beforeEach(() => {
  updater = new DoubleUpdater();
  cancelled = 0;
});

const signal = new AbortController().signal;

function source(change: Partial<SourceParts> = {}) {
  const token: Pick<Token, 'cancel'> = {
    cancel: () => {
      cancelled += 1;
    },
  };
  return sourceOver({
    updater,
    newToken: () => token as Token,
    origin: { publicKey: '', feed: 'https://updates.acme.example/gangway/' },
    current,
    fetchText: async (url) => url,
    ...change,
  });
}

function finds(isUpdateAvailable: boolean, more: object = {}): void {
  const { version, files } = offerOf(manifest);
  const updateInfo = {
    version,
    files: files.map((file) => ({ ...file, size: file.size ?? 0 })),
    path: '',
    sha512: '',
    releaseDate: '',
    ...more,
  };
  updater.found = { isUpdateAvailable, updateInfo, versionInfo: updateInfo };
}

describe('electron-updater', () => {
  test('decides nothing by itself and sends nothing along', () => {
    source();
    expect({ ...updater }).toMatchObject({
      autoDownload: false,
      autoInstallOnAppQuit: false,
      allowDowngrade: false,
      allowPrerelease: false,
      disableWebInstaller: true,
      logger: null,
      requestHeaders: { 'x-user-staging-id': '' },
      feed: { provider: 'generic', url: 'https://updates.acme.example/gangway/', channel: 'latest' },
    });
  });

  test('that cannot replace this copy is no source', () => {
    updater.isActive = false;
    expect(source()).toBeUndefined();
  });

  test('says what is offered', async () => {
    finds(true);
    expect(await source()?.look(signal)).toEqual({ ...offerOf(manifest), hasMore: false });
    finds(true, { packages: { x64: {} } });
    expect(await source()?.look(signal)).toMatchObject({ hasMore: true });
    finds(true, { files: undefined });
    expect(await source()?.look(signal)).toMatchObject({ files: [] });
    finds(false);
    expect(await source()?.look(signal)).toBeUndefined();
    updater.found = null;
    expect(await source()?.look(signal)).toBeUndefined();
  });

  test('downloads, says how far it is, and stops when it is told to', async () => {
    const percents: number[] = [];
    const one = source();
    expect(await one?.download((percent) => percents.push(percent), signal)).toEqual([
      '/tmp/gangway.AppImage',
    ]);
    updater.emit('download-progress', { percent: 50 });
    expect(percents).toEqual([12]);

    const leaving = new AbortController();
    const stuck = Promise.withResolvers<string[]>();
    updater.downloading = stuck.promise;
    const running = one?.download(() => undefined, leaving.signal);
    leaving.abort();
    expect(cancelled).toBe(1);
    stuck.reject(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
  });

  test('installs without questions and starts the app again; a failure is heard', () => {
    let failures = 0;
    const one = source();
    updater.emit('error', new Error('of a download, which also rejects'));
    one?.install(() => {
      failures += 1;
    });
    expect([updater.installed, failures]).toEqual([[true, true], 0]);
    updater.emit('error', new Error('no'));
    expect(failures).toBe(1);
  });
});

test('the signed manifest lies beside the list of this system', async () => {
  expect(await source()?.proof(signal)).toEqual({
    text: 'https://updates.acme.example/gangway/latest-linux.json',
    signature: 'https://updates.acme.example/gangway/latest-linux.json.sig',
  });
});

describe('a text from the server', () => {
  test('is taken as it is', async () => {
    expect(await readText(Promise.resolve(new Response('\ufeffa\r\n')), 10)).toBe('\ufeffa\r\n');
  });

  test.each([
    ['is too long', new Response('x'.repeat(11)), 'too much'],
    ['is no text', new Response(new Uint8Array([0xff])), 'not valid'],
    ['is an error page', new Response('no', { status: 404 }), 'not answer as expected'],
    ['is missing', new Response(null, { status: 204 }), 'not answer as expected'],
  ])('that %s is refused', async (_what, response, words) => {
    await expect(readText(Promise.resolve(response), 10)).rejects.toThrow(words);
  });
});
