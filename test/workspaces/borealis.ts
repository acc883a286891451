import * as z from 'zod';
import { type ModernOptions, type ModernWorkspace, startModern } from './modern.ts';
import type { ModernSeat } from './modern-tools.ts';
import { reads, show, type TableTool, tableTool } from './tool-table.ts';

const STATIONS = [
  { station: 'Kiruna', metres: 420, degrees: -11 },
  { station: 'Sodankylä', metres: 179, degrees: -14 },
  { station: 'Tromsø', metres: 100, degrees: -2 },
];

const listStations: TableTool<ModernSeat> = tableTool({
  name: 'list-stations',
  description: 'Lists the weather stations with their latest reading.',
  annotations: reads,
  input: z.object({ below: z.number().optional().describe('Only where it is colder than this.') }),
  run: ({ below }, { workspace }: ModernSeat) =>
    show({ workspace, stations: STATIONS.filter(({ degrees }) => below === undefined || degrees < below) }),
});

/** Starts Borealis, a network of weather stations. It speaks both eras: MCP 2026-07-28, and sessions of 2025-11-25. */
export async function startBorealis(
  options: Pick<ModernOptions, 'port' | 'tokens'> = {},
): Promise<ModernWorkspace> {
  return startModern({ ...options, name: 'borealis', speaks: 'both', tools: [listStations] });
}
