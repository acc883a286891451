import type { Environment } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import { readAddress } from './address.ts';
import type { Connector } from './connector.ts';

/** What a person typed to say where a workspace is. */
export interface TypedEndpoint {
  /** URL, bare host, or for connectors with workspaces their id. */
  readonly url: string | undefined;
  readonly workspace: string | undefined;
  readonly environment: Environment | undefined;
  readonly ownNetwork: boolean;
}

/** The MCP endpoint an account will use. */
export interface Endpoint {
  readonly url: string;
  readonly environment: Environment;
  /** Workspace id, for connectors whose address contains one. */
  readonly workspace: string | undefined;
  readonly notes: readonly string[];
}

const WORKSPACE = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Turns what was typed into the endpoint of a connector: fills in the vendor's own host, the path below a bare host
 * and the workspace id, and tells the environment from a known host.
 * @throws BridgeError `invalid-input` with the one thing to change.
 */
export function endpointOf(connector: Connector, typed: TypedEndpoint): Endpoint {
  const { url: address, workspace: typedWorkspace } = takeApart(connector, typed);
  const base = address ?? defaultAddress(connector, typed.environment);
  const { url, reach, notes: read } = readAddress(base, { ownNetwork: typed.ownNetwork });
  if (url.search !== '' && connector.path !== null) {
    throw refuse(`An address of ${connector.label} has no part after "?". Leave it out.`);
  }
  const notes = [...read];
  const workspace = fillPath(connector, url, typedWorkspace, notes);
  if (address !== undefined && url.href !== address.trim()) notes.push(`The address is ${url.href}.`);
  const environment = environmentOf(connector, url, typed.environment, reach === 'loopback');
  return { url: url.href, environment, workspace, notes };
}

/** People paste the whole URL into the field for the workspace id, and the id into the one for the URL. */
function takeApart(
  connector: Connector,
  typed: TypedEndpoint,
): { url: string | undefined; workspace: string | undefined } {
  const url = typed.url?.trim() || undefined;
  const workspace = typed.workspace?.trim() || undefined;
  if (!connector.path?.includes('{workspace}')) {
    if (workspace) throw refuse(`${connector.label} has no workspace id. Leave it out.`);
    return { url, workspace };
  }
  if (typed.workspace !== undefined && !workspace) throw refuse('Type the workspace id.');
  if (workspace && !url && /^https?:\/\//i.test(workspace)) return { url: workspace, workspace: undefined };
  if (url && !workspace && url !== 'localhost' && WORKSPACE.test(url)) {
    return { url: undefined, workspace: url };
  }
  return { url, workspace };
}

function defaultAddress(connector: Connector, environment: Environment | undefined): string {
  const known = connector.environments[environment ?? 'production'];
  if (known) return known;
  if (environment && Object.keys(connector.environments).length > 0) {
    throw refuse(`${connector.label} has no known address for ${environment}. Type the address.`);
  }
  throw refuse(`Type the address. ${connector.help.address}`);
}

/** Completes `url.pathname` in place; returns the workspace id. */
function fillPath(
  connector: Connector,
  url: URL,
  workspace: string | undefined,
  notes: string[],
): string | undefined {
  if (connector.path === null) {
    if (url.pathname === '/') {
      notes.push('If the server lies below a path such as /mcp, type the whole address.');
    }
    return undefined;
  }
  const typedPath = url.pathname.replace(/\/+$/, '');
  if (connector.path.includes('{workspace}')) {
    url.pathname = workspacePath(connector, connector.path, typedPath, workspace);
    return url.pathname.split('/')[connector.path.split('/').indexOf('{workspace}')];
  }
  if (typedPath === '' || typedPath === connector.path) url.pathname = connector.path;
  else notes.push(`The path is usually ${connector.path}; this address has another one.`);
  return undefined;
}

function workspacePath(
  connector: Connector,
  pattern: string,
  typedPath: string,
  workspace: string | undefined,
): string {
  const [before = '', after = ''] = pattern.split('{workspace}');
  let found: string | undefined;
  if (typedPath !== '') {
    if (!typedPath.startsWith(before) || !typedPath.endsWith(after)) {
      throw refuse(`An address of ${connector.label} ends in ${pattern.replace('{workspace}', 'ID')}.`);
    }
    found = typedPath.slice(before.length, -after.length);
    if (workspace && workspace !== found) throw refuse('The address names another workspace than the id.');
  }
  const id = workspace ?? found;
  if (id === undefined) throw refuse(`Type the workspace id. ${connector.help.address}`);
  if (!WORKSPACE.test(id)) {
    throw refuse('A workspace id has 1 to 128 letters, digits, hyphens or underscores. Check it.');
  }
  return before + id + after;
}

function environmentOf(
  connector: Connector,
  url: URL,
  typed: Environment | undefined,
  onThisComputer: boolean,
): Environment {
  for (const [name, address] of Object.entries(connector.environments)) {
    if (new URL(address).origin !== url.origin) continue;
    if (typed && typed !== name) {
      throw refuse(`This is the ${name} address of ${connector.label}, but ${typed} was chosen.`);
    }
    return name as Environment;
  }
  return typed ?? (onThisComputer ? 'development' : 'production');
}

function refuse(message: string): BridgeError {
  return new BridgeError('invalid-input', message);
}
