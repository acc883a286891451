import type {
  GetPromptResult,
  InputRequiredResult,
  Prompt,
  ReadResourceResult,
  Resource,
  ServerContext,
} from '@modelcontextprotocol/server';
import { askForContext } from './reference-questions.ts';
import { PNG } from './reference-tools.ts';

export const resources: readonly Resource[] = [
  {
    uri: 'test://static-text',
    name: 'Static text',
    description: 'A text that never changes.',
    mimeType: 'text/plain',
  },
  {
    uri: 'test://static-binary',
    name: 'Static image',
    description: 'A picture that never changes.',
    mimeType: 'image/png',
  },
  {
    uri: 'test://watched-resource',
    name: 'Watched text',
    description: 'A text a client may subscribe to.',
    mimeType: 'text/plain',
  },
];

export const resourceTemplates = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'Templated record',
    description: 'One record per id.',
    mimeType: 'application/json',
  },
];

/** The content of a resource; undefined for an address nobody knows. */
export function readResource(uri: string): ReadResourceResult | undefined {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { contents: [{ uri, mimeType: 'application/json', text }] };
  }
  switch (uri) {
    case 'test://static-text':
      return {
        contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
      };
    case 'test://static-binary':
      return { contents: [{ uri, mimeType: 'image/png', blob: PNG }] };
    case 'test://watched-resource':
      return { contents: [{ uri, mimeType: 'text/plain', text: 'Watched resource content' }] };
    default:
      return undefined;
  }
}

/** One prompt of the reference server; the official suite asks for them by name. */
export interface ReferencePrompt {
  readonly description: string;
  readonly arguments?: Prompt['arguments'];
  /** Its messages, or what it asks first. */
  readonly messages: (
    args: Readonly<Record<string, string>>,
    context: ServerContext,
  ) => GetPromptResult['messages'] | InputRequiredResult;
}

export const referencePrompts: Readonly<Record<string, ReferencePrompt>> = {
  test_simple_prompt: {
    description: 'A prompt without arguments.',
    messages: () => [fromUser({ type: 'text', text: 'This is a simple prompt for testing.' })],
  },
  test_prompt_with_arguments: {
    description: 'A prompt with two arguments.',
    arguments: [
      { name: 'arg1', description: 'First test argument', required: true },
      { name: 'arg2', description: 'Second test argument', required: true },
    ],
    messages: ({ arg1, arg2 }) => [
      fromUser({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
    ],
  },
  test_prompt_with_embedded_resource: {
    description: 'A prompt that contains a resource.',
    arguments: [{ name: 'resourceUri', description: 'URI of the resource to embed', required: true }],
    messages: ({ resourceUri = '' }) => [
      fromUser({
        type: 'resource',
        resource: {
          uri: resourceUri,
          mimeType: 'text/plain',
          text: 'Embedded resource content for testing.',
        },
      }),
      fromUser({ type: 'text', text: 'Please process the embedded resource above.' }),
    ],
  },
  test_prompt_with_image: {
    description: 'A prompt that contains a picture.',
    messages: () => [
      fromUser({ type: 'image', data: PNG, mimeType: 'image/png' }),
      fromUser({ type: 'text', text: 'Please analyze the image above.' }),
    ],
  },
  test_input_required_result_prompt: {
    description: 'A prompt that asks the person at the client first.',
    messages: (_args, context) => {
      const given = askForContext(context);
      return typeof given === 'string' ? [fromUser({ type: 'text', text: `Context: ${given}` })] : given;
    },
  },
};

type Message = GetPromptResult['messages'][number];

function fromUser(content: Message['content']): Message {
  return { role: 'user', content };
}
