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

/**
 * Undefined when a required part is missing or of the wrong kind.
 * @param before what the request before this one said; programs say the same each time.
 */
export function readEnvelope(message: RequestMessage, before?: Envelope): Envelope | undefined {
  const given = message.params._meta;
  if (!isRecord(given)) return undefined;
  const version = given[meta.protocolVersion];
  const capabilities = given[meta.clientCapabilities];
  const info = given[meta.clientInfo];
  if (typeof version !== 'string' || !isRecord(capabilities)) return undefined;
  return new Said(version, capabilities, info, before);
}

/** Its parts are put together when they are asked for, which most never are. */
class Said implements Envelope {
  readonly version: string;
  readonly program: string | null;
  readonly #capabilities: Readonly<Record<string, unknown>>;
  readonly #info: unknown;

  constructor(
    version: string,
    capabilities: Readonly<Record<string, unknown>>,
    info: unknown,
    before: Envelope | undefined,
  ) {
    this.version = version;
    this.#capabilities = capabilities;
    this.#info = info;
    const isSame = before instanceof Said && isSameProgram(before.#info, info);
    this.program = isSame ? before.program : isRecord(info) ? programName(info) : null;
  }

  get meta(): Readonly<Record<string, unknown>> {
    const more = this.#info === undefined ? {} : { [meta.clientInfo]: this.#info };
    return {
      [meta.protocolVersion]: this.version,
      [meta.clientCapabilities]: this.#capabilities,
      ...more,
    };
  }
}

/** As far as its name and version for people go. */
function isSameProgram(one: unknown, other: unknown): boolean {
  if (!isRecord(one) || !isRecord(other)) return false;
  return one.name === other.name && one.title === other.title && one.version === other.version;
}
