import { isRecord } from '../../base/record.ts';
import type { ResponseMessage } from '../../jsonrpc/message.ts';
import type { Era } from '../eras.ts';
import { LEGACY_VERSIONS } from '../legacy-versions.ts';
import { CAPABILITY_MISSING, HEADER_MISMATCH, VERSION_UNSUPPORTED } from './envelope.ts';

const LAST_LEGACY = '2025-11-25';
const MODERN_ERRORS: readonly unknown[] = [HEADER_MISMATCH, CAPABILITY_MISSING, VERSION_UNSUPPORTED];
/** With these a workspace refuses the address or the kind of message, and says nothing of who asks or of its own state. */
const REFUSALS: readonly number[] = [400, 404, 405, 406, 415, 422];

/**
 * The era that the answer to `server/discover` proves (MCP 2026-07-28, versioning); undefined when it proves none.
 * @param status of the HTTP response; undefined from a local command.
 * @param answer in JSON-RPC, when the response held one.
 */
export function judgeProbe(status: number | undefined, answer: ResponseMessage | undefined): Era | undefined {
  if (status === 401 || status === 403 || status === 429 || (status ?? 0) >= 500) return undefined;
  if (!answer) return isForeignRefusal(status) ? 'legacy' : undefined;
  const { error, result } = answer;
  if (!error)
    return namesModern(isRecord(result) ? result.supportedVersions : undefined) ? 'modern' : 'legacy';
  // Codes of early drafts (-32001, -32003, -32004) mean other things to other servers.
  if (!MODERN_ERRORS.includes(error.code)) return 'legacy';
  const supported = isRecord(error.data) ? error.data.supported : undefined;
  return !Array.isArray(supported) || namesModern(supported) ? 'modern' : 'legacy';
}

/** This refusal without a JSON-RPC answer comes from no workspace of the modern era, which would have answered in it. */
export function isForeignRefusal(status: number | undefined): boolean {
  return status !== undefined && REFUSALS.includes(status);
}

/** Only a workspace of the newer era refuses a request so, and one that does speaks no revision with a handshake any more. */
export function refusesHandshakes({ error }: ResponseMessage): boolean {
  if (error?.code !== VERSION_UNSUPPORTED || !isRecord(error.data)) return false;
  const { supported } = error.data;
  return namesModern(supported) && !LEGACY_VERSIONS.some((version) => supported.includes(version));
}

function namesModern(versions: unknown): versions is unknown[] {
  if (!Array.isArray(versions)) return false;
  return versions.some(
    (version) => typeof version === 'string' && /^\d{4}-\d\d-\d\d$/.test(version) && version > LAST_LEGACY,
  );
}
