import { isRecord } from '../../base/record.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { meta } from '../../upstream/modern/envelope.ts';
import { programName } from '../greeting.ts';

/** What a request says of the client that sends it (MCP 2026-07-28, basic: `_meta`). */
export interface Envelope {
  readonly version: string;
  /** Its `_meta` again, as a request of the bridge's own for this client carries it. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** Name and version of the program, for people. */
  readonly program: string | null;
}

/** Undefined when a required part is missing or of the wrong kind. */
export function readEnvelope(message: RequestMessage): Envelope | undefined {
  const given = message.params._meta;
  if (!isRecord(given)) return undefined;
  const version = given[meta.protocolVersion];
  const capabilities = given[meta.clientCapabilities];
  const info = given[meta.clientInfo];
  if (typeof version !== 'string' || !isRecord(capabilities)) return undefined;
  return {
    version,
    // Seldom asked for.
    get meta() {
      const more = info === undefined ? {} : { [meta.clientInfo]: info };
      return { [meta.protocolVersion]: version, [meta.clientCapabilities]: capabilities, ...more };
    },
    get program() {
      return isRecord(info) ? programName(info) : null;
    },
  };
}
