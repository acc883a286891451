import { isRecord } from '../../base/record.ts';
import type { Message } from '../../jsonrpc/message.ts';
import { meta, headers as names } from '../../upstream/modern/envelope.ts';
import type { RequestHeaders } from '../channel.ts';
import { LEGACY_VERSIONS } from '../greeting.ts';

/**
 * The message belongs to the era without a handshake (MCP 2026-07-28): it probes, it carries its version itself, or the
 * HTTP request it came with names a revision of that era.
 */
export function isModern(message: Message, headers?: RequestHeaders): boolean {
  if (namesModern(headers)) return true;
  if (message.kind !== 'request') return false;
  if (message.method === 'server/discover') return true;
  const given = message.params._meta;
  return isRecord(given) && given[meta.protocolVersion] !== undefined;
}

/** An HTTP request names a revision of the era without a handshake. */
export function namesModern(headers: RequestHeaders | undefined): boolean {
  const named = headers?.get(names.version) ?? [];
  return named.some((version) => /^\d{4}-\d\d-\d\d$/.test(version) && version > LEGACY_VERSIONS[0]);
}
