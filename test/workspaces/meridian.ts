import * as z from 'zod';
import { type ModernOptions, type ModernWorkspace, startModern } from './modern.ts';
import type { ModernSeat } from './modern-tools.ts';
import { reads, show, type TableTool, tableTool } from './tool-table.ts';

const ROUTES = [
  { route: 'M-1', from: 'Lisbon', to: 'Funchal', days: 2 },
  { route: 'M-2', from: 'Lisbon', to: 'Praia', days: 6 },
  { route: 'M-3', from: 'Cádiz', to: 'Las Palmas', days: 3 },
];

const listRoutes: TableTool<ModernSeat> = tableTool({
  name: 'list-routes',
  description: 'Lists the shipping routes with the days each takes.',
  annotations: reads,
  input: z.object({ from: z.string().optional().describe('Only from this port.') }),
  run: ({ from }, { workspace }: ModernSeat) =>
    show({ workspace, routes: ROUTES.filter((route) => from === undefined || route.from === from) }),
});

/** Starts Meridian, a planner of shipping routes. It speaks MCP 2026-07-28 only: there is no handshake. */
export async function startMeridian(
  options: Pick<ModernOptions, 'port' | 'tokens'> = {},
): Promise<ModernWorkspace> {
  return startModern({ ...options, name: 'meridian', tools: [listRoutes] });
}
