import { expect, test } from 'vitest';
import type { ResponseMessage } from '#bridge/jsonrpc/message.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import { learnTools, withoutInvalidTools } from '#bridge/upstream/modern/listed-tools.ts';
import { ToolSchemas } from '#bridge/upstream/modern/tool-schemas.ts';

const tool = (name: string, annotation: string, type = 'string'): string =>
  `{"name":"${name}","inputSchema":{"type":"object","properties":{"a":{"type":"${type}"${annotation}}}}}`;

function listOf(...tools: string[]): ResponseMessage {
  const text = `{"jsonrpc":"2.0","id":1,"result":{ "tools" : [${tools.join(' , ')}],"n":1.0}}`;
  const message = readMessage(Buffer.from(text));
  if (message.kind !== 'response') throw new Error('It was expected to be an answer.');
  return message;
}

function learnt(list: ResponseMessage): ToolSchemas {
  const schemas = new ToolSchemas();
  learnTools(list, schemas);
  return schemas;
}

test.each([',"x-mcp-header":"Region"', ',"x\\u002dmcp-header":"Region"', ',"\\u0078-mcp-header":"Region"'])(
  'an annotation counts however it is written: %s',
  (annotation) => {
    const schemas = learnt(listOf(tool('plain', ''), tool('marked', annotation)));
    expect(schemas.of('marked')).toEqual([{ path: ['a'], header: 'Mcp-Param-Region' }]);
    expect(schemas.of('plain')).toEqual([]);
    expect(schemas.of('never-listed')).toBeUndefined();
    const invalid = listOf(tool('plain', ''), tool('marked', annotation, 'number'));
    const unwanted = learnTools(invalid, new ToolSchemas());
    expect(unwanted).toMatchObject([{ name: 'marked' }]);
    expect(withoutInvalidTools(invalid, unwanted).text).toBe(listOf(tool('plain', '')).text);
  },
);

test('a list without annotations is known, and stays as it is', () => {
  const list = listOf(tool('plain', ''), tool('other', ''));
  expect(learnt(list).of('other')).toEqual([]);
  expect(learnTools(list, new ToolSchemas())).toEqual([]);
  expect(withoutInvalidTools(list, [])).toBe(list);
});
