import { implement } from '@orpc/server';
import { control } from '../contract/control.ts';
import type { HandlerParts } from './handlers.ts';
import { forever } from './signals.ts';

/** Setting up the AI apps of this computer. */
export function clientProcedures({ setups }: Pick<HandlerParts, 'setups'>) {
  const os = implement(control.clients);
  return {
    list: os.list.handler(() => setups.look()),
    preview: os.preview.handler(({ input }) => setups.preview(input)),
    previewRemoval: os.previewRemoval.handler(({ input }) => setups.previewRemoval(input)),
    write: os.write.handler(({ input, signal }) => setups.write(input.token, signal ?? forever())),
    restore: os.restore.handler(({ input }) => setups.restore(input)),
    restoreAll: os.restoreAll.handler(() => setups.restoreAll()),
    leave: os.leave.handler(({ input }) => setups.leave(input)),
    foreign: os.foreign.handler(() => setups.foreign()),
    previewMigration: os.previewMigration.handler(({ input }) => setups.previewMigration(input)),
    bundle: os.bundle.handler(({ input }) => setups.bundle(input.address)),
  };
}
