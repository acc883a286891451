import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ORPCError } from '@orpc/server';
import { limits } from '../base/limits.ts';
import type { WindowFile } from './files.ts';
import { panelHeaders } from './headers.ts';
import { type Page, pagePolicy } from './pages.ts';

/** Sends a page of the panel itself. */
export function sendPage(
  response: ServerResponse,
  { status, html }: Page,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(html);
  send(
    response,
    status,
    { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': pagePolicy, ...headers },
    bytes,
  );
}

/** Sends a file of the window. */
export function sendFile(response: ServerResponse, { bytes, type }: WindowFile, policy: string): void {
  send(response, 200, { 'Content-Type': type, 'Content-Security-Policy': policy }, bytes);
}

/** Sends a failure as oRPC's client reads it. */
export function sendFailure(
  response: ServerResponse,
  error: ORPCError<string, unknown>,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  const json = { ...error.toJSON(), status };
  send(
    response,
    status,
    { 'Content-Type': 'application/json', ...headers },
    Buffer.from(JSON.stringify({ json })),
  );
}

/** A client that goes on sending after its answer is cut off a moment later. */
export function cutOff(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), limits.lingerMs);
  request.once('end', () => clearTimeout(timer));
  request.once('close', () => clearTimeout(timer));
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...panelHeaders, ...headers, 'Content-Length': bytes.length }).end(bytes);
}
