import { join } from 'node:path';
import { openChromiumWindow } from './chromium-window.ts';
import { notMapped } from './loud.ts';
import { record } from './record.ts';

type Box = Electron.MessageBoxOptions;
type Answer = Electron.MessageBoxReturnValue;

const ANSWER = 'desktopHostAnswer';

/** Electron's `dialog`: message boxes are small windows of Chromium, to be answered by mouse or keyboard. */
export class HostDialog implements Pick<Electron.Dialog, 'showMessageBox' | 'showErrorBox'> {
  readonly #userData: () => string;
  readonly #open = new Set<AsyncDisposable>();
  #count = 0;

  constructor(userData: () => string) {
    this.#userData = userData;
  }

  showMessageBox(window: Electron.BaseWindow, options: Box): Promise<Answer>;
  showMessageBox(options: Box): Promise<Answer>;
  async showMessageBox(...given: [Electron.BaseWindow, Box] | [Box]): Promise<Answer> {
    if (given.length > 1) throw notMapped('a message box of a window');
    const options = given[0] as Box;
    this.#count += 1;
    const profile = join(this.#userData(), `dialog-${this.#count}`);
    await using window = await openChromiumWindow({ profile, width: 460, height: 240, x: 400, y: 260 });
    this.#open.add(window);
    const answered = Promise.withResolvers<Answer>();
    const dismissed = { response: options.cancelId ?? 0, checkboxChecked: options.checkboxChecked ?? false };
    window.page.on('close', () => answered.resolve(dismissed));
    window.devTools.on('Runtime.bindingCalled', ({ payload }) => answered.resolve(JSON.parse(payload)));
    await window.devTools.send('Runtime.enable');
    await window.devTools.send('Runtime.addBinding', { name: ANSWER });
    await window.page.setContent(pageOf(options));
    await window.become('normal');
    const answer = await answered.promise;
    this.#open.delete(window);
    return answer;
  }

  /** Said where whoever started the app reads it. */
  showErrorBox(title: string, content: string): void {
    process.stderr.write(`${title}\n${content}\n`);
    record({ what: 'error-box', title, content });
  }

  async end(): Promise<void> {
    await Promise.all([...this.#open].map((window) => window[Symbol.asyncDispose]()));
  }
}

function pageOf(options: Box): string {
  const { message, detail = '', title = '', buttons = ['OK'], defaultId = 0, cancelId = 0 } = options;
  const { checkboxLabel, checkboxChecked = false } = options;
  const items = buttons.map((text, index) => {
    const focus = index === defaultId ? ' autofocus' : '';
    return `<button${focus} onclick="answer(${index})">${escaped(text)}</button>`;
  });
  const tick = checkboxLabel
    ? `<p><label><input type="checkbox"${checkboxChecked ? ' checked' : ''}> ${escaped(checkboxLabel)}</label></p>`
    : '';
  return `<!doctype html><meta charset="utf-8"><title>${escaped(title || message)}</title>
<style>body{font:14px sans-serif;margin:20px}button{margin-right:8px;padding:6px 12px}</style>
<p><strong>${escaped(message)}</strong></p><p>${escaped(detail)}</p>${tick}${items.join('')}
<script>
const answer = (response) => ${ANSWER}(JSON.stringify({
  response, checkboxChecked: document.querySelector('input')?.checked ?? false,
}));
addEventListener('keydown', (event) => { if (event.key === 'Escape') answer(${cancelId}); });
</script>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
