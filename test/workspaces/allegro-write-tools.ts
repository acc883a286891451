import * as z from 'zod';
import { type AllegroSeat, findMember, memberSummary, templateSummary } from './allegro-read-tools.ts';
import { madeUpTime } from './allegro-records.ts';
import { destroys, sayError, show, type TableTool, tableTool, writes } from './tool-table.ts';

const Code = { html: z.string().optional(), css: z.string().optional(), js: z.string().optional() };
const Status = z.enum(['draft', 'published']).optional();

/** The tools that need the admin role. */
export const allegroWriteTools: readonly TableTool<AllegroSeat>[] = [
  tableTool({
    name: 'update-audience-member',
    description: "Changes a member's profile.",
    annotations: writes,
    input: z.object({ id: z.string(), name: z.string().min(1).optional(), phone: z.string().optional() }),
    run: ({ id, name, phone }, { records, actor }: AllegroSeat) => {
      const member = findMember(records, id);
      if (member === undefined) return sayError('No member has this id.');
      member.name = name ?? member.name;
      member.phone = phone ?? member.phone;
      return show({ member: memberSummary(member), by: actor });
    },
  }),
  tableTool({
    name: 'grant-entitlement',
    description: 'Grants a member access to a product.',
    annotations: writes,
    input: z.object({ member: z.string(), product: z.string() }),
    run: ({ member: key, product }, { records, actor }: AllegroSeat) => {
      const member = findMember(records, key);
      if (member === undefined) return sayError('No member has this id.');
      if (!records.products.some(({ id }) => id === product)) return sayError('No product has this id.');
      const had = member.entitlements.find((one) => one.product === product && one.status === 'active');
      if (had !== undefined) return sayError('The member has this entitlement already.');
      const number = records.members.flatMap((one) => one.entitlements).length + 100;
      const entitlement = { id: `ent_${number}`, product, status: 'active' as const };
      member.entitlements.push(entitlement);
      return show({ entitlement, by: actor });
    },
  }),
  tableTool({
    name: 'revoke-entitlement',
    description: 'Takes an active entitlement away from a member.',
    annotations: destroys,
    input: z.object({ member: z.string(), entitlement: z.string() }),
    run: ({ member: key, entitlement: id }, { records, actor }: AllegroSeat) => {
      const entitlement = findMember(records, key)?.entitlements.find((one) => one.id === id);
      if (entitlement?.status !== 'active') return sayError('The member has no such active entitlement.');
      entitlement.status = 'revoked';
      return show({ entitlement, by: actor });
    },
  }),
  tableTool({
    name: 'create-product',
    description: 'Creates a product.',
    annotations: writes,
    input: z.object({ name: z.string().min(1), description: z.string().default('') }),
    run: (fields, { records, actor }: AllegroSeat) => {
      const product = { id: `prod_${records.products.length + 1}`, ...fields };
      records.products.push(product);
      return show({ product, by: actor });
    },
  }),
  tableTool({
    name: 'update-product',
    description: 'Changes a product.',
    annotations: writes,
    input: z.object({
      id: z.string(),
      name: z.string().min(1).optional(),
      description: z.string().optional(),
    }),
    run: ({ id, name, description }, { records, actor }: AllegroSeat) => {
      const product = records.products.find((one) => one.id === id);
      if (product === undefined) return sayError('No product has this id.');
      product.name = name ?? product.name;
      product.description = description ?? product.description;
      return show({ product, by: actor });
    },
  }),
  tableTool({
    name: 'create-template',
    description: 'Creates a template.',
    annotations: writes,
    input: z.object({ name: z.string().min(1), ...Code }),
    run: ({ name, html = '', css = '', js = '' }, { records, actor }: AllegroSeat) => {
      const number = records.templates.length + 1;
      const revisions = [{ note: `Created by ${actor}`, at: madeUpTime(number) }];
      const template = {
        id: `tpl_${number}`,
        name,
        status: 'draft' as const,
        source: 'editor' as const,
        ...{ html, css, js, fields: [], revisions },
      };
      records.templates.push(template);
      return show({ template: templateSummary(template), by: actor });
    },
  }),
  tableTool({
    name: 'update-template',
    description: 'Changes a template, unless it is synced from GitHub.',
    annotations: writes,
    input: z.object({ id: z.string(), name: z.string().min(1).optional(), status: Status, ...Code }),
    run: ({ id, ...changes }, { records, actor }: AllegroSeat) => {
      const template = records.templates.find((one) => one.id === id);
      if (template === undefined) return sayError('No template has this id.');
      if (template.source === 'github') return sayError('This template is synced from GitHub and read-only.');
      Object.assign(template, changes);
      template.revisions.push({ note: `Saved by ${actor}`, at: madeUpTime(template.revisions.length) });
      return show({ template: templateSummary(template), by: actor });
    },
  }),
  tableTool({
    name: 'update-embed-snippet',
    description: 'Replaces the embed snippet.',
    annotations: writes,
    input: z.object({ content: z.string(), note: z.string().default('Saved via MCP') }),
    run: ({ content, note }, { records, actor }: AllegroSeat) => {
      const { snippet } = records;
      snippet.content = content;
      snippet.updated_at = madeUpTime(snippet.revisions.length);
      snippet.revisions.push({ note, at: snippet.updated_at });
      return show({ updated_at: snippet.updated_at, note, by: actor });
    },
  }),
];
