/** The desktop app asks where to put the file; until then the browser has to have it. */
const KEPT_MS = 60_000;

/** Lets the person save something that was made here, as a download. No address is asked for it. */
export function offerFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
