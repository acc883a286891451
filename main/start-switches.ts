/**
 * Switches that open an installed app to other programs: a debugger, a page without its walls, another program in the
 * place of one of ours. Names as Chromium, V8 and Node know them, without what follows `=`.
 */
const REFUSED: readonly RegExp[] = [
  /^inspect(-.+)?$/,
  /^(debug|debug-brk|remote-debugging-.+|remote-allow-origins|auto-open-devtools-for-tabs)$/,
  /^(js-flags|no-sandbox|disable-.*sandbox.*|single-process|in-process-gpu)$/,
  /^(disable-web-security|disable-site-isolation-.+|site-per-process|allow-running-insecure-content)$/,
  /^(allow-file-access-from-files|unsafely-.+|ignore-certificate-errors.*|ssl-key-log-file|log-net-log)$/,
  /^(load-extension|disable-extensions-except|user-data-dir|browser-subprocess-path)$/,
  /^(.+-cmd-prefix|.+-launcher|host-rules|host-resolver-rules)$/,
  /^(require|r|import|loader|experimental-loader|eval|e|print|p|env-file.*)$/,
];

/**
 * The first argument that an installed app does not start with; undefined when there is none. Where it stands does not
 * matter. A link is no switch, whatever it contains.
 *
 * @param argv the arguments after the program.
 */
export function refusedSwitch(argv: readonly string[], platform: NodeJS.Platform): string | undefined {
  // Chromium takes one dash for two, and on Windows a slash for either.
  const prefix = platform === 'win32' ? /^(--?|\/)/ : /^--?/;
  return argv.find((argument) => {
    if (!prefix.test(argument)) return false;
    const [name = ''] = argument.replace(prefix, '').split('=');
    return REFUSED.some((pattern) => pattern.test(name.toLowerCase()));
  });
}
