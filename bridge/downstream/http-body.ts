import type { IncomingMessage } from 'node:http';
import { limits } from '../base/limits.ts';

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  /** It stopped coming before it was complete. */
  | { readonly kind: 'late' }
  /** The client hung up. */
  | { readonly kind: 'gone' };

/** The announced size is beyond the limit, so that not a byte of the body needs to be read. */
export function announcesTooMuch(contentLength: string | undefined): boolean {
  return contentLength !== undefined && Number(contentLength) > limits.messageBytes;
}

/** Reads a request's body within `limits.messageBytes` and `limits.httpBodyMs`. Never rejects. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const finish = (body: Body): void => {
      clearTimeout(timer);
      request.off('data', take);
      resolve(body);
    };
    const timer = setTimeout(() => finish({ kind: 'late' }), limits.httpBodyMs);
    const take = (part: Buffer): void => {
      size += part.length;
      if (size > limits.messageBytes) finish({ kind: 'too-large' });
      else parts.push(part);
    };
    request.on('data', take);
    request.once('end', () => {
      const [only] = parts;
      const bytes = parts.length === 1 && only ? only : Buffer.concat(parts, size);
      finish({ kind: 'whole', bytes });
    });
    request.once('close', () => finish({ kind: 'gone' }));
    request.once('error', () => finish({ kind: 'gone' }));
  });
}
