import { ProtocolError, Server } from '@modelcontextprotocol/server';
import { type AllegroSeat, allegroReadTools } from './allegro-read-tools.ts';
import { allegroWriteTools } from './allegro-write-tools.ts';
import { sayError, serveTools } from './tool-table.ts';

/** A person who may use a tenant's workspace. */
export interface AllegroUser {
  readonly email: string;
  readonly role: 'member' | 'admin';
}

const writeNames = new Set(allegroWriteTools.map(({ name }) => name));

/** True for the tools that need the admin role. */
export function needsAdmin(tool: string): boolean {
  return writeNames.has(tool);
}

/** One session's server, for both doors. Over HTTP a member's write never gets this far. */
export function allegroServer(records: AllegroSeat['records'], user: AllegroUser | undefined): Server {
  const server = new Server(
    { name: `allegro-${records.tenant}`, version: '1.4.0' },
    { capabilities: { tools: {}, prompts: {} } },
  );
  const guarded = allegroWriteTools.map((tool) => ({
    ...tool,
    call: async (...call: Parameters<typeof tool.call>) =>
      user?.role === 'admin'
        ? tool.call(...call)
        : sayError('Forbidden: this needs an admin as acting user.'),
  }));
  const tools = [...allegroReadTools, ...guarded];
  serveTools(server, { tools: () => tools, seat: { records, actor: user?.email ?? 'nobody' } });
  server.setRequestHandler('prompts/list', () => ({
    prompts: prompts.map(({ name, description, takes }) => ({
      name,
      description,
      arguments: takes.map((argument) => ({ name: argument, required: true })),
    })),
  }));
  server.setRequestHandler('prompts/get', (request) => {
    const prompt = prompts.find(({ name }) => name === request.params.name);
    if (prompt === undefined) throw new ProtocolError(-32602, `Prompt ${request.params.name} not found`);
    const given = request.params.arguments ?? {};
    const missing = prompt.takes.find((argument) => given[argument] === undefined);
    if (missing !== undefined) throw new ProtocolError(-32602, `Missing argument ${missing}`);
    const text = `In ${records.tenant}: ${prompt.say(given)}`;
    return { description: prompt.description, messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
  return server;
}

const prompts = [
  {
    name: 'summarize-member',
    description: 'Sums up one member.',
    takes: ['email'],
    say: ({ email }: Record<string, string>) =>
      `read the member ${email} with everything included and sum it up.`,
  },
  {
    name: 'grant-access',
    description: 'Gives a member access to a product, once.',
    takes: ['email', 'product'],
    say: ({ email, product }: Record<string, string>) =>
      `find ${email}, check for an entitlement to ${product}, and grant it only if there is none.`,
  },
  {
    name: 'review-templates',
    description: 'Looks all templates over.',
    takes: [],
    say: () => 'list the templates, sort them by status and say what looks wrong.',
  },
] as const;
