import * as z from 'zod';

/** A kind of workspace. `custom` is any other MCP server. */
export const ConnectorId = z.enum(['allegro', 'pelcro', 'allv', 'aly', 'custom']);
export type ConnectorId = z.infer<typeof ConnectorId>;
