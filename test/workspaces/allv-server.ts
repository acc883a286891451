import { ResourceNotFoundError, Server } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { AllvMember } from './allv-access.ts';
import {
  destroys,
  reads,
  sayError,
  serveTools,
  show,
  type TableTool,
  tableTool,
  writes,
} from './tool-table.ts';

/** What a workspace remembers: one memory per key, owned by a member or shared. */
export interface AllvRecords {
  readonly workspaceId: string;
  /** Member id to memory key to text. */
  readonly memories: Map<string, Map<string, string>>;
  readonly tasks: { readonly id: string; readonly title: string; readonly owner: string; done: boolean }[];
}

/** Fresh records: every member remembers a profile and a project, and owns one task. */
export function allvRecords(workspaceId: string, members: readonly AllvMember[]): AllvRecords {
  return {
    workspaceId,
    memories: new Map(
      members.map(({ id, name }) => [
        id,
        new Map([
          ['profile', `${name} prefers short answers.`],
          ['project', `${name} works on the spring launch.`],
        ]),
      ]),
    ),
    tasks: members.map(({ id, name }, index) => ({
      id: `task_${index + 1}`,
      title: `Report of ${name}`,
      owner: id,
      done: false,
    })),
  };
}

interface AllvSeat {
  readonly records: AllvRecords;
  readonly member: AllvMember;
}

const tools: readonly TableTool<AllvSeat>[] = [
  tableTool({
    name: 'workspace.whoami',
    description: 'Tells the workspace and the member that tools run as.',
    annotations: reads,
    input: z.object({}),
    run: (_args, { records, member }: AllvSeat) =>
      show({ workspace: records.workspaceId, ran_as: member.email, member_id: member.id, name: member.name }),
  }),
  tableTool({
    name: 'agent.update_memory',
    description: "Writes one of the selected member's memories.",
    annotations: writes,
    input: z.object({ key: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/), text: z.string().max(4_000) }),
    run: ({ key, text }, { records, member }: AllvSeat) => {
      records.memories.get(member.id)?.set(key, text);
      return show({ uri: memoryUri(member, key), ran_as: member.email });
    },
  }),
  tableTool({
    name: 'agent.search_memory',
    description: "Searches the selected member's memories.",
    annotations: reads,
    input: z.object({ query: z.string().default('') }),
    run: ({ query }, { records, member }: AllvSeat) => {
      const all = [...(records.memories.get(member.id) ?? [])].map(([key, text]) => ({ key, text }));
      return show({ memories: all.filter(({ text }) => text.includes(query)), ran_as: member.email });
    },
  }),
  tableTool({
    name: 'tasks.list',
    description: "Lists the selected member's tasks.",
    annotations: reads,
    input: z.object({}),
    run: (_args, { records, member }: AllvSeat) =>
      show({ tasks: records.tasks.filter(({ owner }) => owner === member.id), ran_as: member.email }),
  }),
  tableTool({
    name: 'tasks.create',
    description: 'Creates a task of the selected member.',
    annotations: writes,
    input: z.object({ title: z.string().min(1) }),
    run: ({ title }, { records, member }: AllvSeat) => {
      const task = { id: `task_${records.tasks.length + 1}`, title, owner: member.id, done: false };
      records.tasks.push(task);
      return show({ task, ran_as: member.email });
    },
  }),
  tableTool({
    name: 'tasks.complete',
    description: "Marks one of the selected member's tasks as done.",
    annotations: writes,
    input: z.object({ id: z.string() }),
    run: ({ id }, { records, member }: AllvSeat) => {
      const task = records.tasks.find((one) => one.id === id && one.owner === member.id);
      if (task === undefined) return sayError('The selected member has no such task.');
      task.done = true;
      return show({ task, ran_as: member.email });
    },
  }),
  tableTool({
    name: 'campaign.send',
    description: 'Sends a campaign, once somebody in the workspace has approved it.',
    annotations: destroys,
    input: z.object({ subject: z.string().min(1) }),
    run: ({ subject }, { member }: AllvSeat) =>
      show({
        status: 'approval_required',
        message: 'Approval required: a workspace operator has to approve this in allv first.',
        action: `Send "${subject}"`,
        ran_as: member.email,
      }),
  }),
];

/** The server of one request, as one member. */
export function allvServer(records: AllvRecords, member: AllvMember): Server {
  const server = new Server(
    { name: 'allv', version: '1.0.0' },
    { capabilities: { tools: {}, resources: {} } },
  );
  serveTools(server, { tools: () => tools, seat: { records, member } });
  server.setRequestHandler('resources/list', () => ({
    resources: [...(records.memories.get(member.id)?.keys() ?? [])].map((key) => ({
      uri: memoryUri(member, key),
      name: `${member.name}: ${key}`,
      mimeType: 'text/plain',
    })),
  }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [] }));
  server.setRequestHandler('resources/read', (request) => {
    const { uri } = request.params;
    const found = [...(records.memories.get(member.id) ?? [])].find(
      ([key]) => memoryUri(member, key) === uri,
    );
    if (found === undefined) throw new ResourceNotFoundError(uri);
    return { contents: [{ uri, mimeType: 'text/plain', text: found[1] }] };
  });
  return server;
}

function memoryUri(member: AllvMember, key: string): string {
  return `memory://members/${member.id}/${key}`;
}
