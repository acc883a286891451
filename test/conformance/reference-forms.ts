import {
  type ElicitRequestFormParams,
  inputResponse,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { asking, form } from './reference-questions.ts';
import { type ReferenceStage, say } from './reference-stage.ts';
import type { ReferenceAnswer, ReferenceTool } from './reference-tools.ts';

type Schema = ElicitRequestFormParams['requestedSchema'];

/** The tools by which the official suites try forms: a question with fields of every kind. */
export const formTools: Readonly<Record<string, ReferenceTool>> = {
  test_elicitation: {
    description: 'Asks the person at the client for a user name and an e-mail address.',
    inputSchema: {
      type: 'object',
      properties: { message: { type: 'string', description: 'The message to show' } },
      required: ['message'],
    },
    run: ({ message }, context, stage) =>
      ask(context, stage, {
        message: String(message),
        outcome: 'User response',
        schema: {
          type: 'object',
          properties: {
            username: { type: 'string', description: "User's response" },
            email: { type: 'string', description: "User's email address" },
          },
          required: ['username', 'email'],
        },
      }),
  },
  test_elicitation_sep1034_defaults: {
    description: 'Asks with a default for every kind of value (SEP-1034).',
    inputSchema: { type: 'object', properties: {} },
    run: (_args, context, stage) =>
      ask(context, stage, {
        message: 'Please review the defaults',
        outcome: 'Elicitation completed',
        schema: {
          type: 'object',
          properties: {
            name: { type: 'string', default: 'John Doe' },
            age: { type: 'integer', default: 30 },
            score: { type: 'number', default: 95.5 },
            status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
            verified: { type: 'boolean', default: true },
          },
        },
      }),
  },
  test_elicitation_sep1330_enums: {
    description: 'Asks with every kind of choice (SEP-1330).',
    inputSchema: { type: 'object', properties: {} },
    run: (_args, context, stage) =>
      ask(context, stage, {
        message: 'Please choose',
        outcome: 'Elicitation completed',
        schema: {
          type: 'object',
          properties: {
            untitledSingle: { type: 'string', enum: options(3) },
            titledSingle: { type: 'string', oneOf: titled('value', 'Option') },
            legacyEnum: {
              type: 'string',
              enum: ['opt1', 'opt2', 'opt3'],
              enumNames: ['Option One', 'Option Two', 'Option Three'],
            },
            untitledMulti: { type: 'array', items: { type: 'string', enum: options(3) } },
            titledMulti: { type: 'array', items: { anyOf: titled('value', 'Choice') } },
          },
        },
      }),
  },
};

function options(count: number): string[] {
  return Array.from({ length: count }, (_none, index) => `option${index + 1}`);
}

function titled(value: string, title: string): { const: string; title: string }[] {
  return ['First', 'Second', 'Third'].map((word, index) => ({
    const: `${value}${index + 1}`,
    title: `${word} ${title}`,
  }));
}

interface Question {
  readonly message: string;
  readonly schema: Schema;
  /** What the answer is introduced with. */
  readonly outcome: string;
}

/** Asks as the era of the request has it: with a request of the server's own, or in the answer. */
async function ask(
  { mcpReq }: ServerContext,
  { era }: ReferenceStage,
  { message, schema, outcome }: Question,
): Promise<ReferenceAnswer> {
  if (era === 'legacy') {
    const given = await mcpReq.elicitInput({ mode: 'form', message, requestedSchema: schema });
    return say(`${outcome}: action=${given.action}, content=${JSON.stringify(given.content ?? {})}`);
  }
  const given = inputResponse(mcpReq.inputResponses, 'form');
  if (given.kind !== 'elicit') return asking({ form: form(message, schema) });
  return say(`${outcome}: action=${given.action}, content=${JSON.stringify(given.content ?? {})}`);
}
