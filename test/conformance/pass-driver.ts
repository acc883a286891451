import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { ControlClient } from '#bridge/control/client.ts';
import { NODE } from '../compiled/node.ts';
import { startDriverBridge } from './driver-bridge.ts';
import { stepsOf } from './pass-steps.ts';

/*
 * A real MCP client of the official SDK whose messages go through the bridge to the servers of the official suites:
 * `node pass-driver.ts <home> <stdio|http> <url>`. One line of JSON on stdout says which era the client found.
 * Exit code 0: every step worked.
 */

const SHIM = fileURLToPath(new URL('../../bridge/shim/main.ts', import.meta.url));
/** The suites end a shell, not what runs in it. */
const LIMIT_MS = 20_000;

async function main(home: string, door: string, url: string): Promise<void> {
  setTimeout(() => process.exit(3), LIMIT_MS).unref();
  const {
    MCP_CONFORMANCE_SCENARIO: scenario = '',
    MCP_CONFORMANCE_CONTEXT: context = '{}',
    MCP_CONFORMANCE_PROTOCOL_VERSION: version,
  } = process.env;
  await using bridge = await startDriverBridge(home);
  const account = await addAccount(bridge.control, url);
  const client = new Client(
    { name: 'conformance', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
      versionNegotiation: { mode: version === '2026-07-28' ? 'auto' : 'legacy' },
    },
  );
  const { prepare, use } = stepsOf(scenario);
  prepare?.(client);
  const [node, ...words] = NODE;
  await client.connect(
    door === 'stdio'
      ? new StdioClientTransport({ command: node, args: [...words, SHIM, '--home', home, account] })
      : await httpTransport(bridge.control, account),
  );
  await use(client, JSON.parse(context));
  process.stdout.write(`${JSON.stringify({ era: client.getProtocolEra() })}\n`);
  await client.close();
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

const [home, door, url] = process.argv.slice(2);
if (home === undefined || door === undefined || url === undefined) {
  throw new Error('Usage: pass-driver.ts <home> <stdio|http> <url>');
}
await main(home, door, url);
