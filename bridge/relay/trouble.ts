import { asBridgeError, type BridgeError, trouble } from '../contract/errors.ts';
import { errorOf } from '../jsonrpc/write.ts';

/**
 * The bridge's own trouble as a JSON-RPC error: a stable code outside the ranges that JSON-RPC and MCP reserve, a
 * sentence for people, and facts for programs. A workspace's 401 or 403 reaches a client in this form only, so that
 * no client starts a sign-in of its own against the bridge.
 */
export function troubleAnswer(id: string | null, error: unknown): Buffer {
  const known = asBridgeError(error);
  return errorOf(id, trouble[known.code].rpc, known.message, troubleData(known));
}

function troubleData(error: BridgeError): object {
  const { account, host, retryAfterSeconds, mayHaveRun, scope } = error.details;
  return {
    source: 'bridge',
    code: error.code,
    ...(account === undefined ? {} : { account }),
    ...(host === undefined ? {} : { host }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(scope === undefined ? {} : { scope }),
    mayHaveRun: mayHaveRun ?? false,
  };
}
