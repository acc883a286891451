import type { IncomingMessage } from 'node:http';
import { limits } from '../base/limits.ts';
import { BridgeError } from '../contract/errors.ts';
import { toWire } from '../control/errors.ts';

/** What oRPC sends for a call: a value, and which parts of it are more than JSON. */
export interface CallBody {
  readonly json?: unknown;
  readonly meta?: unknown;
}

export type Called =
  | { readonly kind: 'whole'; readonly body: CallBody }
  | { readonly kind: 'refused'; readonly status: number; readonly error: ReturnType<typeof toWire> }
  /** The browser hung up. */
  | { readonly kind: 'gone' };

const refusals = {
  tooLarge: refused(
    413,
    'too-large',
    'What was entered is too long, so nothing was done. Shorten it and try again.',
  ),
  late: refused(408, 'timeout', 'The call did not arrive in time, so nothing was done. Try again.'),
  odd: refused(400, 'invalid-input', 'This is not a call that the panel knows. Reload the page.'),
};

/** Reads a call within `limits.panelBodyBytes` and `limits.httpBodyMs`. Never rejects. */
export async function readCall(request: IncomingMessage): Promise<Called> {
  if (Number(request.headers['content-length'] ?? 0) > limits.panelBodyBytes) return refusals.tooLarge;
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const finish = (called: Called): void => {
      clearTimeout(timer);
      request.off('data', take);
      // The rest is let go by, so that the answer is read.
      request.resume();
      resolve(called);
    };
    const timer = setTimeout(() => finish(refusals.late), limits.httpBodyMs);
    const take = (part: Buffer): void => {
      size += part.length;
      if (size > limits.panelBodyBytes) finish(refusals.tooLarge);
      else parts.push(part);
    };
    request.on('data', take);
    request.once('end', () => finish(parsed(Buffer.concat(parts, size))));
    request.once('close', () => finish({ kind: 'gone' }));
    request.once('error', () => finish({ kind: 'gone' }));
  });
}

function parsed(bytes: Buffer): Called {
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isCallBody(body) ? { kind: 'whole', body } : refusals.odd;
  } catch {
    return refusals.odd;
  }
}

function isCallBody(body: unknown): body is CallBody {
  return (
    typeof body === 'object' &&
    body !== null &&
    !Array.isArray(body) &&
    Object.keys(body).every((key) => key === 'json' || key === 'meta')
  );
}

function refused(
  status: number,
  code: BridgeError['code'],
  message: string,
): Extract<Called, { kind: 'refused' }> {
  return { kind: 'refused', status, error: toWire(new BridgeError(code, message)) };
}
