/** The most bytes of a file's name without its ending: file systems allow 255, and browsers add a number to some. */
const MOST_NAME_BYTES = 200;

/** Names may come from players; what file systems forbid becomes a dash. */
export function safeFileName(name: string): string {
  const ending = /\.[a-z0-9]{1,8}$/i.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - ending.length);
  const allowed = stem.replace(/[\p{Cc}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\\/:*?"<>|]+/gu, '-').replace(/^[.\s]+|[.\s]+$/g, '');
  const encoder = new TextEncoder();
  let [kept, bytes] = ['', 0];
  for (const character of allowed) {
    bytes += encoder.encode(character).length;
    if (bytes > MOST_NAME_BYTES) break;
    kept += character;
  }
  return `${kept || 'playhead'}${ending}`;
}

/** Has the browser save what is at an address of its own making. */
function saveAs(url: string, fileName: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = safeFileName(fileName);
  link.click();
}

export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  saveAs(url, fileName);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
