import { edited, objectText, valueText, without } from '../../jsonrpc/object-text.ts';
import { meta } from '../modern/envelope.ts';

/** What every request without a handshake says of its client, in `_meta`. The texts are raw JSON. */
export interface Envelope {
  readonly version: string;
  readonly capabilities: string;
  readonly info: string | undefined;
  readonly logLevel: string | undefined;
}

const RESERVED: ReadonlySet<string> = new Set([
  meta.protocolVersion,
  meta.clientCapabilities,
  meta.clientInfo,
  meta.logLevel,
]);

/** The request with its envelope (MCP 2026-07-28, basic); everything else, in `_meta` too, keeps its bytes. */
export function enveloped(request: string, envelope: Envelope): string {
  const params = objectText(request, ['params']);
  const { version, capabilities, info, logLevel } = envelope;
  let own = without(objectText(params, ['_meta']), RESERVED);
  own = edited(own, { [meta.protocolVersion]: JSON.stringify(version) });
  own = edited(own, { [meta.clientCapabilities]: capabilities });
  if (info !== undefined) own = edited(own, { [meta.clientInfo]: info });
  if (logLevel !== undefined) own = edited(own, { [meta.logLevel]: JSON.stringify(logLevel) });
  return edited(request, { params: edited(params, { _meta: own }) });
}

/** The client as it introduced itself in `initialize`. */
export interface Client {
  /** Raw JSON text of what it declares to workspaces without a handshake. */
  readonly capabilities: string;
  readonly info: string | undefined;
}

const TASKS: ReadonlySet<string> = new Set(['tasks', 'io.modelcontextprotocol/tasks']);
const LIST_CHANGED: ReadonlySet<string> = new Set(['listChanged']);

/**
 * Reads `initialize`. Tasks are not declared: those of the two eras have nothing in common but the name. Nor is
 * `roots.listChanged`, which has no meaning without a session.
 */
export function readClient(initialize: string): Client {
  let capabilities = without(objectText(initialize, ['params', 'capabilities']), TASKS);
  for (const [key, dropped] of [
    ['roots', LIST_CHANGED],
    ['extensions', TASKS],
  ] as const) {
    const before = objectText(capabilities, [key]);
    const after = without(before, dropped);
    if (after !== before) capabilities = edited(capabilities, { [key]: after });
  }
  const info = valueText(initialize, ['params', 'clientInfo']);
  return { capabilities, info: info?.startsWith('{') ? info : undefined };
}
