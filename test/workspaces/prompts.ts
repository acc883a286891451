import { inputRequired, inputResponse, type Server } from '@modelcontextprotocol/server';
import { answerTo, question } from './questions.ts';

/**
 * Serves one prompt, greet, and completes the name of whom it greets.
 *
 * @param options.asks it asks the person for the name when the client gives none.
 */
export function servePrompts(server: Server, name: string, options: { readonly asks?: boolean } = {}): void {
  const { asks = false } = options;
  server.setRequestHandler('prompts/list', () => ({
    prompts: [
      { name: 'greet', description: 'Greets somebody.', arguments: [{ name: 'person', required: !asks }] },
    ],
  }));
  server.setRequestHandler('prompts/get', (request, context) => {
    const answer = answerTo(inputResponse(context.mcpReq.inputResponses, 'person'));
    const person = request.params.arguments?.person ?? answer;
    if (person === undefined && asks)
      return inputRequired({ inputRequests: { person: question('Who is to be greeted?') } });
    const text = `${name}: say hello to ${person ?? 'them'}`;
    return { messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
  server.setRequestHandler('completion/complete', (request) => ({
    completion: {
      values: ['Ada', 'Grace'].filter((person) => person.startsWith(request.params.argument.value)),
    },
  }));
}
