import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { ControlClient } from '#bridge/control/client.ts';
import { NODE } from '../compiled/node.ts';
import type { Door } from '../flows/world.ts';
import type { Drive, Driven, Driver } from './driver.ts';
import { startDriverBridge } from './driver-bridge.ts';
import { stepsOf } from './pass-steps.ts';

const SHIM = fileURLToPath(new URL('../../bridge/shim/main.ts', import.meta.url));

/**
 * A real MCP client of the official SDK whose messages go through the bridge, by this door, to the servers of the official
 * suites. It reports which era the client found.
 */
export function passDriver(door: Door): Driver {
  return (drive) => pass(door, drive);
}

async function pass(door: Door, { home, url, scenario, context, version }: Drive): Promise<Driven> {
  await using bridge = await startDriverBridge(home);
  const account = await addAccount(bridge.control, url);
  const client = new Client(
    { name: 'conformance', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
      versionNegotiation: { mode: version === '2026-07-28' ? 'auto' : 'legacy' },
    },
  );
  // A client whose steps failed must leave no shim behind either.
  await using _closing = { [Symbol.asyncDispose]: () => client.close() };
  const { prepare, use } = stepsOf(scenario);
  prepare?.(client);
  const [node, ...words] = NODE;
  await client.connect(
    door === 'stdio'
      ? new StdioClientTransport({ command: node, args: [...words, SHIM, '--home', home, account] })
      : await httpTransport(bridge.control, account),
  );
  await use(client, context);
  return { report: { era: client.getProtocolEra() }, worked: true };
}

async function addAccount(control: ControlClient, url: string): Promise<string> {
  const { account } = await control.accounts.add({
    connector: 'custom',
    label: 'conformance',
    url,
    signIn: 'none',
    ownNetwork: true,
    check: false,
  });
  return account.slug;
}

async function httpTransport(
  control: ControlClient,
  address: string,
): Promise<StreamableHTTPClientTransport> {
  const { url, headers } = await control.endpoint.mint({ client: 'conformance', address });
  return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
}
