// Runs before the tests: without Node 24 they would fail in confusing ways.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `Gangway's tests need Node 24, this is ${process.version}. Run them through npm (npm test), which uses the Node 24 ` +
      'that npm ci installs on Linux and Windows; elsewhere install Node 24 first.\n',
  );
  process.exit(1);
}
