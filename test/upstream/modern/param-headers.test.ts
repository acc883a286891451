import { describe, expect, test } from 'vitest';
import {
  decodeHeaderValue,
  encodeHeaderValue,
  headersFor,
  paramHeadersOf,
} from '#bridge/upstream/modern/param-headers.ts';

const region = { type: 'string', 'x-mcp-header': 'Region' };
const schemaOf = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

describe('which arguments travel as headers', () => {
  test('those whose schema says so, at any depth of properties', () => {
    const schema = schemaOf({
      region,
      crew: { type: 'integer', 'x-mcp-header': 'Crew' },
      urgent: { type: 'boolean', 'x-mcp-header': 'Urgent' },
      plain: { type: 'string' },
      place: schemaOf({ city: { type: 'string', 'x-mcp-header': 'City' } }),
    });
    expect(paramHeadersOf(schema)).toEqual([
      { path: ['region'], header: 'Mcp-Param-Region' },
      { path: ['crew'], header: 'Mcp-Param-Crew' },
      { path: ['urgent'], header: 'Mcp-Param-Urgent' },
      { path: ['place', 'city'], header: 'Mcp-Param-City' },
    ]);
  });

  test.each([
    ['nothing', undefined],
    ['no object', 'string'],
    ['null', null],
    ['a tool without parameters', { type: 'object' }],
    ['a parameter of that very name', schemaOf({ 'x-mcp-header': { type: 'string' } })],
    [
      'a default value that looks like one',
      schemaOf({ a: { type: 'object', default: { 'x-mcp-header': 'A' } } }),
    ],
  ])('none of %s', (_, schema) => {
    expect(paramHeadersOf(schema)).toEqual([]);
  });

  test.each<[string, object]>([
    ['an empty name', schemaOf({ a: { type: 'string', 'x-mcp-header': '' } })],
    ['a name with a blank', schemaOf({ a: { type: 'string', 'x-mcp-header': 'a b' } })],
    ['a name with a colon', schemaOf({ a: { type: 'string', 'x-mcp-header': 'a:b' } })],
    ['a name with a line end', schemaOf({ a: { type: 'string', 'x-mcp-header': 'a\r\nx' } })],
    ['a line end behind a name', schemaOf({ a: { type: 'string', 'x-mcp-header': 'a\n' } })],
    ['a name that is no ASCII', schemaOf({ a: { type: 'string', 'x-mcp-header': 'ä' } })],
    ['a name that is no text', schemaOf({ a: { type: 'string', 'x-mcp-header': 7 } })],
    ['a number', schemaOf({ a: { type: 'number', 'x-mcp-header': 'A' } })],
    ['an object', schemaOf({ a: { type: 'object', 'x-mcp-header': 'A' } })],
    ['several types', schemaOf({ a: { type: ['string', 'null'], 'x-mcp-header': 'A' } })],
    ['no type', schemaOf({ a: { 'x-mcp-header': 'A' } })],
    ['the tool itself', { type: 'string', 'x-mcp-header': 'A' }],
    ['two of one name', schemaOf({ a: region, b: { type: 'string', 'x-mcp-header': 'rEGION' } })],
    ['items', schemaOf({ a: { type: 'array', items: region } })],
    ['items below properties', schemaOf({ a: { type: 'array', items: schemaOf({ b: region }) } })],
    ['one of several shapes', schemaOf({}, { oneOf: [schemaOf({ a: region })] })],
    ['all of several shapes', schemaOf({}, { allOf: [{}, region] })],
    ['a condition', schemaOf({}, { if: {}, else: schemaOf({ a: region }) })],
    ['a definition', schemaOf({}, { $defs: { a: region } })],
    ['an old definition', schemaOf({}, { definitions: { a: region } })],
    ['any further property', schemaOf({}, { additionalProperties: region })],
    ['a pattern of properties', schemaOf({}, { patternProperties: { '^a': region } })],
    ['a dependent schema', schemaOf({}, { dependentSchemas: { a: schemaOf({ b: region }) } })],
  ])('an annotation on %s makes the tool invalid', (_, schema) => {
    expect(paramHeadersOf(schema)).toBeUndefined();
  });
});

describe('the headers of one call', () => {
  const a = [{ path: ['a'], header: 'Mcp-Param-A' }];

  test.each<[unknown, string]>([
    ['eu', 'eu'],
    ['two words', 'two words'],
    [7, '7'],
    [-0.5, '-0.5'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [true, 'true'],
    [false, 'false'],
    ['', '=?base64??='],
    [' eu', '=?base64?IGV1?='],
    ['eu ', '=?base64?ZXUg?='],
    ['Zürich', '=?base64?WsO8cmljaA==?='],
    ['a\r\nx-injected: 1', '=?base64?YQ0KeC1pbmplY3RlZDogMQ==?='],
    ['a\u0000b', '=?base64?YQBi?='],
    ['a\tb', '=?base64?YQli?='],
    ['=?base64?ZXU=?=', '=?base64?PT9iYXNlNjQ/WlhVPT89?='],
  ])('of %j', (value, header) => {
    expect(headersFor(a, { a: value })).toEqual({ 'Mcp-Param-A': header });
  });

  test.each<[string, unknown]>([
    ['null', { a: null }],
    ['absent', {}],
    ['a whole number beyond 2^53', { a: 2 ** 53 }],
    ['an object', { a: {} }],
    ['a list', { a: ['x'] }],
    ['inherited', Object.create({ a: 'x' })],
  ])('has none for an argument that is %s', (_, args) => {
    expect(headersFor(a, args)).toEqual({});
  });

  test.each([undefined, null, 'text', 7, []])('is none for arguments %j', (args) => {
    expect(headersFor(a, args)).toEqual({});
  });

  test('never reaches into what every object inherits', () => {
    const params = [{ path: ['constructor', 'name'], header: 'Mcp-Param-A' }];
    expect(headersFor(params, {})).toEqual({});
  });
});

describe('the value of a header', () => {
  test.each(['', 'eu', ' eu', 'Zürich', '😀', 'a\r\nb', '\ufeffmark', '=?base64?x?=', '=?base64?', 'a"b'])(
    '%j comes back unchanged and is printable ASCII on its way',
    (text) => {
      const value = encodeHeaderValue(text);
      expect(value).toMatch(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/);
      expect(decodeHeaderValue(value)).toBe(text);
    },
  );

  test.each(['=?base64?a?=', '=?base64?YQ?=', '=?base64?Y Q==?=', '=?base64?_w==?=', '=?base64?/w==?='])(
    '%s cannot be read',
    (value) => {
      expect(decodeHeaderValue(value)).toBeUndefined();
    },
  );
});
