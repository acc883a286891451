import type { ServerResponse } from 'node:http';
import { type Discovered, type Discovery, discover, type Wanted } from '#bridge/oauth/discovery.ts';
import { OAuthHttp, type OAuthHttpParts } from '#bridge/oauth/http.ts';
import { type HostileServer, PATHS, type Seen } from './hostile.ts';

/** Looks for the sign-in of a workspace on this computer, by default of an account that never signed in. */
export async function discoverAt(
  url: string,
  changes: Partial<Wanted> = {},
  parts: Partial<OAuthHttpParts> = {},
): Promise<Discovery> {
  await using http = new OAuthHttp(parts);
  const wanted: Wanted = { url, bounds: 'loopback', legacy: false, ...changes };
  return await discover(wanted, http, new AbortController().signal);
}

/** Like `discoverAt`, where it must be found. */
export async function foundAt(url: string, changes: Partial<Wanted> = {}): Promise<Discovered> {
  const discovery = await discoverAt(url, changes);
  if (discovery.kind !== 'found') throw new Error(`The sign-in was not found but ${discovery.kind}.`);
  return discovery.found;
}

/** The workspace at this path answers 401 with these challenges. */
export function challengeAt(server: HostileServer, path: string, ...challenges: string[]): void {
  server.on(path, (_, response) => {
    response.writeHead(401, challenges.length === 0 ? {} : { 'www-authenticate': challenges }).end();
  });
}

/** Without a challenge, so that the well-known places are asked. */
export function silentWorkspace(server: HostileServer, path: string = PATHS.mcp): void {
  challengeAt(server, path);
}

/** Answers with this status and nothing else. */
export function status(code: number): (seen: Seen, response: ServerResponse) => void {
  return (_, response) => void response.writeHead(code).end();
}

/** Method and target of every request. */
export function requests(server: HostileServer): string[] {
  return server.seen.map(({ method, target }) => `${method} ${target}`);
}
