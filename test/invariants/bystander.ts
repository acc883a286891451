import { text } from 'node:stream/consumers';
import { listen } from '../workspaces/listen.ts';
import { broken } from './broken.ts';

/** What a call of the bystander came to. */
interface Came {
  readonly heard: readonly { readonly message?: { readonly kind: string } | undefined }[];
  readonly error?: unknown;
}

/**
 * INV-10: while one workspace misbehaves, another account at a healthy one is served as ever. The workspace of the
 * bystander lives for one call.
 * @param ask sends one request of another account to this address, over the connections that the fault may have touched.
 */
export async function bystanderIsServed(ask: (url: string) => Promise<Came>): Promise<void> {
  await using healthy = await listen(async (request, response) => {
    const { id } = JSON.parse(await text(request)) as { id?: unknown };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: {} }));
  });
  const { heard, error } = await ask(`${healthy.origin}/mcp`);
  if (error !== undefined)
    broken('INV-10', `a bystander heard: ${error instanceof Error ? error.message : error}`);
  else if (!heard.some(({ message }) => message?.kind === 'response')) {
    broken('INV-10', 'a bystander heard no answer');
  }
}
