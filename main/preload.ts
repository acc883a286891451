import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import { TO_MAIN, TO_WINDOW } from './channels.ts';

/*
 * All that a window has of the app around it: texts out, texts in. Events of Electron stay here, because they lead to
 * everything else.
 */
contextBridge.exposeInMainWorld('gangway', {
  send: (text: unknown): void => {
    if (typeof text === 'string') ipcRenderer.send(TO_MAIN, text);
  },
  /** @returns ends the listening. */
  listen: (listener: (text: string) => void): (() => void) => {
    const onText = (_event: IpcRendererEvent, text: string): void => listener(text);
    ipcRenderer.on(TO_WINDOW, onText);
    return () => void ipcRenderer.off(TO_WINDOW, onText);
  },
});
