import type { AppUpdater, CancellationToken } from 'electron-updater';
import type { UpdateOrigin } from './update-key.ts';
import { type CurrentBuild, manifestName } from './update-manifest.ts';
import type { UpdateSource } from './updates.ts';

/** No manifest is longer; see update-manifest.ts. */
const MOST_BYTES = 256 * 1024;
const FETCH_MS = 30_000;

/** What is used of electron-updater. */
export type Updater = Pick<
  AppUpdater,
  | ('autoDownload' | 'autoInstallOnAppQuit' | 'allowDowngrade' | 'allowPrerelease' | 'disableWebInstaller')
  | ('logger' | 'requestHeaders' | 'setFeedURL' | 'isUpdaterActive')
  | ('checkForUpdates' | 'downloadUpdate' | 'quitAndInstall')
> & {
  on(event: 'download-progress', listener: (progress: { readonly percent: number }) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
};

export interface SourceParts {
  readonly updater: Updater;
  readonly newToken: () => CancellationToken;
  readonly origin: UpdateOrigin;
  readonly current: CurrentBuild;
  /** Fetches a text of at most so many bytes. */
  readonly fetchText: (url: string, mostBytes: number, signal: AbortSignal) => Promise<string>;
}

/**
 * electron-updater, reduced to fetching and installing. Nothing is downloaded before the signature was checked, nothing
 * installed without a click, and no id of this computer is sent along.
 */
export function sourceOver({
  updater,
  newToken,
  origin,
  current,
  fetchText,
}: SourceParts): UpdateSource | undefined {
  // An AppImage that was taken apart, for example: there is no one file to replace.
  if (!updater.isUpdaterActive()) return undefined;
  updater.logger = null;
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = false;
  updater.allowPrerelease = false;
  updater.disableWebInstaller = true;
  updater.setFeedURL({ provider: 'generic', url: origin.feed, channel: current.channel });
  updater.allowDowngrade = false;
  // Overwrites an id that would tell the server which computers are the same.
  updater.requestHeaders = { 'x-user-staging-id': '' };
  let onPercent: (percent: number) => void = () => undefined;
  updater.on('download-progress', ({ percent }) => onPercent(percent));
  let onTrouble: () => void = () => undefined;
  // Failures of downloads come as rejections too; without a listener the event would end the app.
  updater.on('error', () => onTrouble());
  const manifest = new URL(manifestName(current), origin.feed).href;
  return {
    async look(signal) {
      signal.throwIfAborted();
      const found = await updater.checkForUpdates();
      signal.throwIfAborted();
      if (!found?.isUpdateAvailable) return undefined;
      const { version, files } = found.updateInfo;
      return { version, files: Array.isArray(files) ? files : [], hasMore: 'packages' in found.updateInfo };
    },
    async proof(signal) {
      const within = AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]);
      const [text, signature] = await Promise.all([
        fetchText(manifest, MOST_BYTES, within),
        fetchText(`${manifest}.sig`, MOST_BYTES, within),
      ]);
      return { text, signature };
    },
    async download(told, signal) {
      signal.throwIfAborted();
      const token = newToken();
      const stop = (): void => token.cancel();
      signal.addEventListener('abort', stop);
      onPercent = told;
      try {
        return await updater.downloadUpdate(token);
      } finally {
        onPercent = () => undefined;
        signal.removeEventListener('abort', stop);
      }
    },
    install(failed) {
      onTrouble = failed;
      updater.quitAndInstall(true, true);
    },
  };
}

/** Loads electron-updater, which needs a packaged app, so never before that is known. */
export async function electronSource(
  origin: UpdateOrigin,
  current: CurrentBuild,
): Promise<UpdateSource | undefined> {
  const { net } = await import('electron');
  const { default: loaded } = await import('electron-updater');
  return sourceOver({
    updater: loaded.autoUpdater,
    newToken: () => new loaded.CancellationToken(),
    origin,
    current,
    fetchText: (url, mostBytes, signal) => readText(net.fetch(url, { signal, cache: 'no-store' }), mostBytes),
  });
}

/** The text of an answer, as far as it is one. @throws Error when it failed, is too large or no UTF-8. */
export async function readText(answer: Promise<Response>, mostBytes: number): Promise<string> {
  const { ok, body } = await answer;
  if (!ok || !body) throw new Error('The update server did not answer as expected.');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error('The update server answered too much.');
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
}
