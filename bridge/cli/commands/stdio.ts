import { type CliCommand, plainCommand } from '../command.ts';
import type { StdioArguments } from '../stdio-arguments.ts';

interface StdioFlags {
  readonly client?: string;
  readonly home?: string;
}

/** `main.ts` answers the usual forms before this is loaded; it is here for the help and for unusual flags. */
export const command: CliCommand = plainCommand<StdioFlags, StdioArguments>({
  usage: 'stdio [name]',
  summary: 'the stdio door, for the settings of an AI app',
  details:
    'The name is "current" (default), a connector such as pelcro, or the short name of an account. ' +
    'The bridge is started when it does not run and the settings allow it.',
  declare: (declared) => declared.option('--client <label>', 'name of the app, for people'),
  parse: ([address = 'current'], { client = '', home }) => ({
    address,
    client,
    ...(home === undefined ? {} : { home }),
  }),
  run: async (options, { installation }) => {
    const { runShim } = await import('../../shim/shim.ts');
    await runShim({ ...options, program: installation?.program });
    return undefined;
  },
});
