import { isRecord } from '../base/record.ts';
import type { RequestMessage } from '../jsonrpc/message.ts';

/** The request belongs to the era without a handshake (MCP 2026-07-28): it probes, or carries its version itself. */
export function isModern(message: RequestMessage): boolean {
  if (message.method === 'server/discover') return true;
  const meta = message.params._meta;
  return isRecord(meta) && meta['io.modelcontextprotocol/protocolVersion'] !== undefined;
}
