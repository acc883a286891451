import { isAbsolute } from 'node:path';
import { limits } from '../base/limits.ts';
import { Redactor } from '../base/redactor.ts';
import { optionValue } from '../connectors/command.ts';
import type { Connector } from '../connectors/connector.ts';
import { endpointOf } from '../connectors/endpoint.ts';
import type { Environment, Upstream } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';

/** Where the workspace is, and what to call the account when nobody says. */
export interface DraftUpstream {
  readonly upstream: Upstream;
  readonly environment: Environment;
  readonly label: string;
  readonly notes: readonly string[];
}

/** The fields of a new account that say where the workspace is. */
export interface TypedUpstream {
  readonly url?: string | undefined;
  readonly workspace?: string | undefined;
  readonly environment?: Environment | undefined;
  readonly transport?: 'http' | 'sse' | undefined;
  readonly command?: readonly string[] | undefined;
  readonly cwd?: string | undefined;
  readonly ownNetwork: boolean;
}

const shapes = new Redactor();

/** Reads the address or the local command of a new account. @throws BridgeError `invalid-input`. */
export function draftUpstream(connector: Connector, typed: TypedUpstream): DraftUpstream {
  if (typed.command) return fromCommand(connector, typed.command, typed);
  if (typed.cwd !== undefined) throw refuse('A working folder belongs to a local command. Leave it out.');
  if (typed.transport === 'sse' && !connector.sse) {
    throw refuse(`${connector.label} speaks Streamable HTTP. Leave the transport out.`);
  }
  const endpoint = endpointOf(connector, {
    url: typed.url,
    workspace: typed.workspace,
    environment: typed.environment,
    ownNetwork: typed.ownNetwork,
  });
  return {
    upstream: { kind: typed.transport ?? 'http', url: endpoint.url },
    environment: endpoint.environment,
    label: addressLabel(connector, endpoint.url, endpoint.workspace, endpoint.environment),
    notes: endpoint.notes,
  };
}

function addressLabel(
  connector: Connector,
  url: string,
  workspace: string | undefined,
  environment: Environment,
): string {
  const { host } = new URL(url);
  if (connector.path === null) return host;
  if (workspace) return `${connector.label} ${workspace}`;
  if (Object.keys(connector.environments).length === 0) return `${connector.label} ${host}`;
  return environment === 'production' ? connector.label : `${connector.label} ${environment}`;
}

function fromCommand(connector: Connector, words: readonly string[], typed: TypedUpstream): DraftUpstream {
  if (!connector.command) throw refuse(`${connector.label} has no local command. Enter its address.`);
  if (typed.url !== undefined || typed.workspace !== undefined || typed.transport !== undefined) {
    throw refuse('An account has an address or a local command, not both.');
  }
  const [command = '', ...args] = words;
  if (command.trim() === '') throw refuse('The local command is empty.');
  if (words.length > limits.commandArguments || words.join(' ').length > limits.commandBytes) {
    throw refuse('The local command is too long. Put it into a script and enter that.');
  }
  if (words.some((word) => word.includes('\0'))) throw refuse('The local command contains a NUL character.');
  if (words.some((word) => shapes.clean(word) !== word)) {
    // Every program of the same user can read another one's arguments.
    throw refuse('A key does not belong on a command line. Let the command read it from a file.');
  }
  if (typed.cwd !== undefined && !isAbsolute(typed.cwd)) {
    throw refuse('Enter the working folder with its whole path.');
  }
  const { tenantOption } = connector.command;
  const tenant = tenantOption && optionValue(args, tenantOption);
  return {
    upstream: { kind: 'command', command, args, ...(typed.cwd === undefined ? {} : { cwd: typed.cwd }) },
    environment: typed.environment ?? 'production',
    label: tenant ? `${connector.label} ${tenant}` : (command.split(/[\\/]/).at(-1) ?? command),
    notes: [],
  };
}

function refuse(message: string): BridgeError {
  return new BridgeError('invalid-input', message);
}
