const begun = new WeakSet<object>();

/** Begins something that lasts as long as the process, which test files may share. @param of what it is about. */
export function oncePerProcess(begin: () => void, of: object = begin): void {
  if (begun.has(of)) return;
  begun.add(of);
  begin();
}
