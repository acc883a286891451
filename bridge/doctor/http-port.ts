import { once } from 'node:events';
import { createServer } from 'node:net';
import { checksOf, type Finding } from './findings.ts';
import { holderOfPort } from './processes.ts';

const { ok, bad } = checksOf('doors');

/** How it stands with the HTTP door of a running Gangway. */
export interface DoorState {
  /** Where it is open; undefined when it is closed. */
  readonly url: string | undefined;
  /** The person wants it open. */
  readonly isWanted: boolean;
  /** This Gangway opens it when it is wanted; one that a command hosts for a moment does not. */
  readonly isOpenedHere: boolean;
  /** As chosen at the first start; undefined before. */
  readonly port: number | undefined;
}

/** The HTTP door as the owner knows it. */
export async function lookAtDoor({ url, isWanted, isOpenedHere, port }: DoorState): Promise<Finding[]> {
  if (url !== undefined) return [ok('http-door', `The HTTP door is open at ${url}.`)];
  if (!isWanted) return [ok('http-door', 'The HTTP door is closed, as the settings say.')];
  if (!isOpenedHere) return [ok('http-door', 'The HTTP door opens when Gangway runs by itself.')];
  const taken = port === undefined ? [] : await lookAtPort(port);
  if (taken.length > 0) return taken;
  const text = 'The HTTP door is closed, because its port was taken when Gangway started. It is free now.';
  return [bad('http-door-closed', text, 'Quit Gangway and start it again.')];
}

/** Whether the port of the HTTP door can be had. Ask only while Gangway itself does not hold it. */
export async function lookAtPort(port: number): Promise<Finding[]> {
  // As the door does (`downstream/http.ts`): both halves of the address.
  if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return [];
  const holder = await holderOfPort(port);
  const who = holder ?? 'another program';
  const text = `Port ${port} of the HTTP door is used by ${who}. Apps that are connected by address do not reach Gangway.`;
  const fix =
    'Quit that program and start Gangway again, or choose another port with "gangway settings port" and connect those apps anew.';
  return [{ ...bad('port-taken', text, fix, `127.0.0.1:${port}`), lasts: 'as-it-is' }];
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host, ipv6Only: true, exclusive: true });
    await once(server, 'listening');
    return true;
  } catch (error) {
    // Without IPv6 nobody can take that half either.
    return ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    server.close();
  }
}
