import { parseArgs } from 'node:util';
import type { Server } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { ModernContent, modernServer } from './modern-server.ts';
import { type Changes, gateTools } from './modern-tools.ts';

// The modern workspace as a local command:
//   node modern-command.ts --name=<name> [--speaks=both|modern|legacy]
// It asks for no key: whoever may start it may use it.

const { values } = parseArgs({
  options: { name: { type: 'string', default: 'local' }, speaks: { type: 'string', default: 'both' } },
});
const content = new ModernContent(values.name, { tools: gateTools });

function changesOf(server: Server): Changes {
  const announce: Changes['announce'] = (kind) =>
    server.notification({ method: `notifications/${kind}/list_changed` });
  return {
    announce,
    async changeTools() {
      const tool = content.addTool();
      await announce('tools');
      return tool;
    },
    async touch(uri) {
      content.notes.change(uri);
      await server.sendResourceUpdated({ uri });
    },
  };
}

if (values.speaks === 'legacy') {
  await modernServer(content, 'anyone', 'legacy', changesOf).connect(new StdioServerTransport());
} else {
  serveStdio(({ era }) => modernServer(content, 'anyone', era, changesOf), {
    legacy: values.speaks === 'modern' ? 'reject' : 'serve',
  });
}
