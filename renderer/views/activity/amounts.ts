const KB = 1000;
const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** When a call was: the time alone when it was today. */
export function whenText(at: string, now: Date): string {
  const date = new Date(at);
  return date.toDateString() === now.toDateString() ? clock.format(date) : day.format(date);
}

export function durationText(ms: number): string {
  if (ms < 999.5) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 59_950) return `${short.format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function sizeText(bytes: number): string {
  if (bytes < KB) return `${bytes} B`;
  if (bytes < KB * KB) return `${short.format(bytes / KB)} kB`;
  return `${short.format(bytes / KB / KB)} MB`;
}
