// The dictionary of the voice as lines of text: entries are found, put and taken without touching the notes between them.

/** How something written is said. */
export interface Entry {
  written: string;
  spoken: string;
}

const entryOf = (line: string): Entry | null => {
  const cut = line.indexOf('=');
  if (cut < 1 || line.trimStart().startsWith('#')) return null;
  return { written: line.slice(0, cut).trim(), spoken: line.slice(cut + 1).trim() };
};

/** The entries, in the order of their writing. */
export const entries = (text: string): Entry[] =>
  text.split('\n').flatMap((line) => entryOf(line) ?? []).sort((a, b) => a.written.localeCompare(b.written, 'vi'));

/** The text with an entry put into the place of the one before, or at the end; `spoken` of `null` takes it away. */
export function put(text: string, written: string, spoken: string | null): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => entryOf(line)?.written === written);
  const line = spoken === null ? [] : [`${written} = ${spoken}`];
  if (at >= 0) lines.splice(at, 1, ...line);
  else if (spoken !== null) lines.splice(lines.at(-1) === '' ? -1 : lines.length, 0, ...line);
  return lines.join('\n');
}
