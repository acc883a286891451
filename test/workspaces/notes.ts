import {
  inputRequired,
  inputResponse,
  ResourceNotFoundError,
  type Server,
} from '@modelcontextprotocol/server';
import { mcpPage } from './pages.ts';
import { answerTo, question } from './questions.ts';

/** Read as `note://<workspace>/first` and `note://<workspace>/second`. */
const NOTES = ['first', 'second'];
/** Opened only after a question. */
const LOCKED = 'locked';

export interface NotesOptions {
  readonly pageSize?: number | undefined;
  /** There is a third note, which asks the person before it can be read. */
  readonly asks?: boolean;
}

/** The resources of a general-purpose workspace: notes that change and can be followed. */
export class Notes {
  readonly #name: string;
  readonly #options: NotesOptions;
  readonly #revisions = new Map<string, number>();
  readonly #followed = new WeakMap<Server, Set<string>>();

  constructor(name: string, options: NotesOptions = {}) {
    this.#name = name;
    this.#options = options;
  }

  change(uri: string): void {
    this.#revisions.set(uri, (this.#revisions.get(uri) ?? 1) + 1);
  }

  /** Sends `notifications/resources/updated` when this session subscribed to the note (MCP 2025-11-25, resources). */
  async tell(server: Server, uri: string): Promise<void> {
    if (this.#followed.get(server)?.has(uri) === true) await server.sendResourceUpdated({ uri });
  }

  /** Answers everything about resources. */
  serve(server: Server): void {
    const name = this.#name;
    const { pageSize, asks = false } = this.#options;
    const notes = [...NOTES, ...(asks ? [LOCKED] : [])].map((note) => ({
      uri: `note://${name}/${note}`,
      name: note,
      mimeType: 'text/plain',
    }));
    const followed = new Set<string>();
    this.#followed.set(server, followed);
    server.setRequestHandler('resources/list', (request) => {
      const { items, nextCursor } = mcpPage(notes, `notes of ${name}`, request.params?.cursor, pageSize);
      return { resources: [...items], ...(nextCursor === undefined ? {} : { nextCursor }) };
    });
    server.setRequestHandler('resources/templates/list', () => ({
      resourceTemplates: [{ uriTemplate: `note://${name}/{note}`, name: 'note', mimeType: 'text/plain' }],
    }));
    server.setRequestHandler('resources/read', (request, context) => {
      const { uri } = request.params;
      const note = notes.find((one) => one.uri === uri);
      if (note === undefined) throw new ResourceNotFoundError(uri);
      if (note.name === LOCKED) {
        const answer = answerTo(inputResponse(context.mcpReq.inputResponses, 'key'));
        if (answer === undefined)
          return inputRequired({ inputRequests: { key: question('What is the key?') } });
        return { contents: [{ uri, mimeType: note.mimeType, text: `${name}: opened with ${answer}` }] };
      }
      const text = `${name}: ${note.name} note, revision ${this.#revisions.get(uri) ?? 1}`;
      return { contents: [{ uri, mimeType: note.mimeType, text }] };
    });
    server.setRequestHandler('resources/subscribe', (request) => {
      followed.add(request.params.uri);
      return {};
    });
    server.setRequestHandler('resources/unsubscribe', (request) => {
      followed.delete(request.params.uri);
      return {};
    });
  }
}
