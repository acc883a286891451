import { type InputRequest, type InputResponseView, inputRequired } from '@modelcontextprotocol/server';

/** The question to a person, as everything here puts it (MCP 2026-07-28, multi round-trip requests). */
export function question(message: string): InputRequest {
  return inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] },
  });
}

/** What the person said, or what they did instead of answering; undefined when nobody was asked yet. */
export function answerTo(given: InputResponseView): string | undefined {
  if (given.kind !== 'elicit') return undefined;
  return given.action === 'accept' ? String(given.content?.answer) : given.action;
}
