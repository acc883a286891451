import type { Session } from 'electron';
import { contentPolicy, type WindowFile } from '#bridge/panel/files.ts';
import { panelHeaders } from '#bridge/panel/headers.ts';
import { ORIGIN } from './navigation.ts';

export const SCHEME = 'app';

/** What our scheme may do: be an origin of its own. It may not be fetched from, and no policy is bypassed for it. */
export const PRIVILEGES = { standard: true, secure: true } as const;

type WindowFiles = ReadonlyMap<string, WindowFile>;

/** Sent with every answer, refusals too. */
const HEADERS: Readonly<Record<string, string>> = {
  ...panelHeaders,
  'Content-Security-Policy': contentPolicy("'none'"),
};

/**
 * The answer to a page that asks for one of its files. An address is looked up as it is written: nothing in it is
 * decoded, resolved or joined, so there is nothing to get past.
 */
export function answerApp(files: WindowFiles, request: Pick<Request, 'method' | 'url'>): Response {
  if (request.method !== 'GET') return refused(405);
  // A navigation may say at which place of the page it is.
  const [url = ''] = request.url.split('#');
  const file = url.startsWith(`${ORIGIN}/`) ? files.get(url.slice(ORIGIN.length)) : undefined;
  if (file === undefined) return refused(404);
  return new Response(file.bytes, { headers: { ...HEADERS, 'Content-Type': file.type } });
}

function refused(status: 404 | 405): Response {
  return new Response(null, { status, headers: HEADERS });
}

/** Answers the pages of a session. */
export function serveApp(session: Session, files: WindowFiles): void {
  session.protocol.handle(SCHEME, (request) => answerApp(files, request));
}
