import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { AllegroRecords, AudienceMember, Template } from './allegro-records.ts';
import { cutPage } from './pages.ts';
import { reads, sayError, show, type TableTool, tableTool } from './tool-table.ts';

/** What Allegro's tools run in. */
export interface AllegroSeat {
  readonly records: AllegroRecords;
  /** E-mail address of the acting user. */
  readonly actor: string;
}

const PageInput = { cursor: z.string().optional(), per_page: z.number().int().min(1).max(50).default(5) };

const MemberIncludes = z.array(z.enum(['entitlements', 'purchases', 'events', 'meta']));
const TemplateIncludes = z.array(z.enum(['html', 'css', 'js', 'fields', 'revisions']));

export const allegroReadTools: readonly TableTool<AllegroSeat>[] = [
  tableTool({
    name: 'search-audience-members',
    description: 'Searches the audience by name or e-mail address, page by page.',
    annotations: reads,
    input: z.object({ query: z.string().default(''), ...PageInput }),
    run: ({ query, cursor, per_page }, { records }: AllegroSeat) => {
      const wanted = query.toLowerCase();
      const found = records.members.filter(
        ({ name, email }) => name.toLowerCase().includes(wanted) || email.includes(wanted),
      );
      const list = `${records.tenant} members ${wanted}`;
      return showPage('members', found.map(memberSummary), list, cursor, per_page);
    },
  }),
  tableTool({
    name: 'get-audience-member',
    description: 'Fetches one member by id or e-mail address.',
    annotations: reads,
    input: z.object({
      id: z.string().optional(),
      email: z.string().optional(),
      include: MemberIncludes.default([]),
    }),
    run: ({ id, email, include }, { records }: AllegroSeat) => {
      const member = findMember(records, id ?? email);
      if (member === undefined) return sayError('No member has this id or e-mail address.');
      const extra = Object.fromEntries(include.map((part) => [part, member[part]]));
      return show({ tenant: records.tenant, member: { ...memberSummary(member), ...extra } });
    },
  }),
  listTool('list-products', 'products', (records) => records.products),
  listTool('list-plans', 'plans', (records) => records.plans),
  listTool('list-offers', 'offers', (records) => records.offers),
  tableTool({
    name: 'list-templates',
    description: 'Lists the templates in short, page by page.',
    annotations: reads,
    input: z.object({ ...PageInput }),
    run: ({ cursor, per_page }, { records }: AllegroSeat) =>
      showPage(
        'templates',
        records.templates.map(templateSummary),
        `${records.tenant} templates`,
        cursor,
        per_page,
      ),
  }),
  tableTool({
    name: 'get-template',
    description: 'Fetches one template.',
    annotations: reads,
    input: z.object({ id: z.string(), include: TemplateIncludes.default([]) }),
    run: ({ id, include }, { records }: AllegroSeat) => {
      const template = records.templates.find((one) => one.id === id);
      if (template === undefined) return sayError('No template has this id.');
      const extra = Object.fromEntries(include.map((part) => [part, template[part]]));
      return show({ tenant: records.tenant, template: { ...templateSummary(template), ...extra } });
    },
  }),
  tableTool({
    name: 'get-embed-snippet',
    description: 'Fetches the embed snippet.',
    annotations: reads,
    input: z.object({ include: z.array(z.literal('revisions')).default([]) }),
    run: ({ include }, { records }: AllegroSeat) => {
      const { content, updated_at, revisions } = records.snippet;
      return show({
        tenant: records.tenant,
        content,
        updated_at,
        ...(include.includes('revisions') ? { revisions } : {}),
      });
    },
  }),
];

/** Finds a member by id or e-mail address. */
export function findMember(records: AllegroRecords, key: string | undefined): AudienceMember | undefined {
  return records.members.find(({ id, email }) => id === key || email === key);
}

/** The fields of a template that need no include. */
export function templateSummary({ id, name, status, source }: Template) {
  return { id, name, status, source };
}

/** The fields of a member that need no include. */
export function memberSummary({ id, name, email, phone }: AudienceMember) {
  return { id, name, email, phone };
}

function listTool(
  name: string,
  field: string,
  list: (records: AllegroRecords) => readonly unknown[],
): TableTool<AllegroSeat> {
  return tableTool({
    name,
    description: `Lists all ${field}.`,
    annotations: reads,
    input: z.object({}),
    run: (_args, { records }: AllegroSeat) => show({ tenant: records.tenant, [field]: list(records) }),
  });
}

function showPage(
  field: string,
  items: readonly unknown[],
  list: string,
  cursor: string | undefined,
  size: number,
): CallToolResult {
  const page = cutPage(items, list, cursor, size);
  if (page === undefined) return sayError('This cursor does not belong to this list.');
  return show({ [field]: page.items, next_cursor: page.nextCursor ?? null });
}
