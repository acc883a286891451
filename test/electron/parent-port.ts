/*
 * Loaded before the program of a utility process: gives it Electron's `process.parentPort` over the IPC channel of a
 * forked Node process.
 */
type Listener = (event: Electron.MessageEvent) => void;

const parentPort: Pick<Electron.ParentPort, 'postMessage'> & {
  once(event: 'message', listener: Listener): void;
} = {
  once: (_event, listener) => void process.once('message', (data) => listener({ data, ports: [] })),
  postMessage: (message) => void process.send?.(message),
};

Object.defineProperty(process, 'parentPort', { value: parentPort });
