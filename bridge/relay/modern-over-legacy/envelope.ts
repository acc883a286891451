import { isRecord } from '../../base/record.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { INVALID_PARAMS } from '../../jsonrpc/read.ts';
import { locate } from '../../jsonrpc/text.ts';
import { MODERN_VERSIONS, meta, VERSION_UNSUPPORTED } from '../../upstream/modern/envelope.ts';

/** Levels of log messages, the most talkative first (RFC 5424 section 6.2.1). */
const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** What a request says about its client. */
export interface Envelope {
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Raw JSON of the client's name and version. */
  readonly clientInfo: string | undefined;
  /** The least important log messages it wants, as a place in `LEVELS`; undefined for none at all. */
  readonly logLevel: number | undefined;
}

export interface EnvelopeFault {
  readonly code: number;
  readonly because: string;
  readonly facts?: object;
}

/** Reads the envelope in `_meta` (MCP 2026-07-28, basic), as strictly as a server must. */
export function readEnvelope(message: RequestMessage): Envelope | EnvelopeFault {
  const given = isRecord(message.params._meta) ? message.params._meta : {};
  const version = given[meta.protocolVersion];
  const capabilities = given[meta.clientCapabilities];
  const level = given[meta.logLevel];
  if (typeof version !== 'string') return missing(meta.protocolVersion);
  if (!MODERN_VERSIONS.some((known) => known === version)) {
    const facts = { supported: MODERN_VERSIONS, requested: version };
    return { code: VERSION_UNSUPPORTED, because: 'This protocol version is not supported.', facts };
  }
  if (!isRecord(capabilities)) return missing(meta.clientCapabilities);
  const logLevel = level === undefined ? undefined : LEVELS.indexOf(String(level));
  if (logLevel === -1) return missing(meta.logLevel);
  const info = locate(message.text, ['params', '_meta', meta.clientInfo]);
  const clientInfo =
    info && isRecord(given[meta.clientInfo]) ? message.text.slice(info.start, info.end) : undefined;
  return { capabilities, clientInfo, logLevel };
}

function missing(key: string): EnvelopeFault {
  return { code: INVALID_PARAMS, because: `The request needs a valid ${key} in its _meta.` };
}

/** The name of a level for `logging/setLevel`. */
export function levelName(level: number): string {
  return LEVELS[level] ?? 'emergency';
}

/** Where a log message stands among the levels; what has no known level is passed to whoever wants any. */
export function levelOf(params: Readonly<Record<string, unknown>>): number {
  const level = LEVELS.indexOf(String(params.level));
  return level === -1 ? LEVELS.length : level;
}
