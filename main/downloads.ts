import type { Session, WebContents } from 'electron';
import { ORIGIN } from './navigation.ts';

/** A file name as a page proposes it, without anything that leads out of a folder or hides the file. */
export function fileName(proposed: string): string {
  const name = proposed
    .replaceAll(/[\p{Cc}\p{Cf}<>:"/\\|?*]/gu, '-')
    .replace(/^[.\s-]+/, '')
    .replace(/[.\s]+$/, '')
    .slice(0, 100);
  return name === '' ? 'gangway.txt' : name;
}

/** Whether a download is an export that our own page made: a blob, never an address. */
export function isOwnExport(url: string): boolean {
  return url.startsWith(`blob:${ORIGIN}/`);
}

/** Lets our own pages save what they made, where the person says; refuses every other download. */
export function guardDownloads(
  session: Session,
  isWindow: (contents: WebContents) => boolean,
  refused: (what: string) => void,
): void {
  session.on('will-download', (event, item, contents) => {
    if (isOwnExport(item.getURL()) && isWindow(contents)) {
      item.setSaveDialogOptions({ defaultPath: fileName(item.getFilename()) });
      return;
    }
    event.preventDefault();
    refused('download');
  });
}
