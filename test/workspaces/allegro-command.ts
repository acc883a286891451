import { parseArgs } from 'node:util';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { allegroRecords } from './allegro-records.ts';
import { type AllegroUser, allegroServer } from './allegro-server.ts';

// The local door of an Allegro tenant, like its artisan command:
//   node allegro-command.ts --tenant=<slug> [--user=<email>]
// The acting user may also come from ALLEGRO_MCP_ACTOR. With APP_ENV=production one is required, because otherwise
// everybody with a shell would have every right.

const TENANTS = ['acme', 'globex'];
const USERS: readonly AllegroUser[] = [
  { email: 'admin@example.com', role: 'admin' },
  { email: 'member@example.com', role: 'member' },
];

function refuse(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

function actingUser(given: string | undefined): AllegroUser | undefined {
  const key = given ?? process.env.ALLEGRO_MCP_ACTOR ?? '';
  if (key === '') {
    if (process.env.APP_ENV === 'production') {
      refuse('Refusing to start in production without an acting user: pass --user or set ALLEGRO_MCP_ACTOR.');
    }
    return undefined;
  }
  return USERS.find(({ email }) => email === key) ?? refuse('No user of this tenant has this address.');
}

const { values } = parseArgs({ options: { tenant: { type: 'string' }, user: { type: 'string' } } });
const tenant = values.tenant ?? refuse('Pass --tenant=<slug>.');
if (!TENANTS.includes(tenant)) refuse('There is no such tenant.');

const server = allegroServer(allegroRecords(tenant), actingUser(values.user));
await server.connect(new StdioServerTransport());
