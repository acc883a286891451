/*
 * node test/bench/reference-shim.cjs <socket>: stdin and stdout to a socket, the least a shim in Node can do. CommonJS and
 * plain JavaScript, because a module or a type in it would already be the slower start.
 */
const socket = require('node:net').connect(process.argv[2]);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
