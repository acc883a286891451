import type { Client } from '@modelcontextprotocol/client';

/** Has a client answer everything a workspace can ask; pass it as `prepare`. */
export function talkative(client: Client): void {
  client.setRequestHandler('elicitation/create', ({ params }) => ({
    action: 'accept',
    content: { answer: `re: ${params.message}` },
  }));
  client.setRequestHandler('sampling/createMessage', () => ({
    model: 'test',
    role: 'assistant',
    content: { type: 'text', text: 'made up' },
  }));
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///home/ada' }] }));
}
