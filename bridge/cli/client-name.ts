import { Argument } from 'commander';
import { ClientId, type ClientView } from '../contract/clients.ts';
import { BridgeError } from '../contract/errors.ts';

/** An argument that names a client: help and completion show all ids, and every spelling of them is understood. */
export function clientArgument(notation: '<client>' | '[client]'): Argument {
  return new Argument(notation, 'an app').choices(ClientId.options).argParser((typed: string) => typed);
}

/**
 * The client a person means: its id, or its name in any spelling of case, spaces and hyphens.
 * @throws BridgeError `invalid-input` that lists them all.
 */
export function clientNamed(typed: string): ClientId {
  const plain = typed.trim().toLowerCase().replaceAll(/\s+/g, '-');
  const found = ClientId.options.find(
    (id) => id === plain || id.replaceAll('-', '') === plain.replaceAll('-', ''),
  );
  if (found) return found;
  throw new BridgeError(
    'invalid-input',
    `No app is called that here. There are: ${ClientId.options.join(', ')}. Any other: gangway endpoint`,
  );
}

/** @throws BridgeError `internal` when the bridge does not list it, which every version does. */
export function viewOf(views: readonly ClientView[], id: ClientId): ClientView {
  const view = views.find((one) => one.id === id);
  if (!view)
    throw new BridgeError(
      'internal',
      'This Gangway knows the app, but the running one does not. Restart it.',
    );
  return view;
}
