import { ProtocolError } from '@modelcontextprotocol/server';

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | undefined;
}

/**
 * Cuts one page out of a list. The cursor is opaque and names the list it belongs to, so a cursor of another list or of
 * another tenant answers undefined.
 */
export function cutPage<Item>(
  items: readonly Item[],
  list: string,
  cursor: string | undefined,
  size: number,
): Page<Item> | undefined {
  const start = cursor === undefined ? 0 : startOf(cursor, list);
  if (start === undefined || start > items.length) return undefined;
  const end = start + size;
  return {
    items: items.slice(start, end),
    nextCursor: end < items.length ? Buffer.from(`${list} ${end}`).toString('base64url') : undefined,
  };
}

/** A page of one of MCP's own lists. @throws ProtocolError -32602 for a foreign cursor (MCP 2025-11-25, pagination). */
export function mcpPage<Item>(
  items: readonly Item[],
  list: string,
  cursor: string | undefined,
  size = Math.max(items.length, 1),
): Page<Item> {
  const page = cutPage(items, list, cursor, size);
  if (page === undefined) throw new ProtocolError(-32602, 'Invalid cursor');
  return page;
}

function startOf(cursor: string, list: string): number | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const start = text.startsWith(`${list} `) ? text.slice(list.length + 1) : '';
  return /^\d+$/.test(start) ? Number(start) : undefined;
}
