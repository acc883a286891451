import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/*
 * What a suite starts as the client under test: `node stand-in.mjs <port> <url>`. The client itself runs in the process
 * of the test, where all of it is loaded already; this tells it what the suite said, and the suite how it ended.
 */
const [port, url] = process.argv.slice(2);
const {
  MCP_CONFORMANCE_SCENARIO: scenario = '',
  MCP_CONFORMANCE_CONTEXT: context = '{}',
  MCP_CONFORMANCE_PROTOCOL_VERSION: version = '',
} = process.env;
const socket = connect(Number(port), '127.0.0.1');
socket.write(`${JSON.stringify({ url, scenario, context: JSON.parse(context), version })}\n`);
const { worked, trouble } = JSON.parse(await text(socket));
if (trouble) process.stderr.write(`${trouble}\n`);
process.exitCode = worked ? 0 : 1;
