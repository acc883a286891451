import { implement } from '@orpc/server';
import { control, type Endpoint } from '../contract/control.ts';
import type { HandlerParts } from './handlers.ts';

type EndpointParts = Pick<HandlerParts, 'tokens' | 'endpointUrl' | 'stdioCommand'>;

/** Local tokens for clients of the HTTP door. */
export function endpointProcedures(parts: EndpointParts) {
  const os = implement(control.endpoint);
  return {
    mint: os.mint.handler(({ input }) => mint(parts, input.client, input.address)),
    command: os.command.handler(({ input }) => parts.stdioCommand(input.address)),
    list: os.list.handler(() => [...parts.tokens.list()]),
    revoke: os.revoke.handler(async ({ input }) => ({ revoked: await parts.tokens.revoke(input.id) })),
  };
}

async function mint(parts: EndpointParts, client: string, address: string): Promise<Endpoint> {
  const url = await parts.endpointUrl(address);
  const { token } = await parts.tokens.mint(client, address);
  return { url, headers: { Authorization: `Bearer ${token}` } };
}
