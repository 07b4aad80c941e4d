// Recordings that are not on the station yet: they outlive the page they were made on, and a browser asks before it closes over them.

export interface Recording { samples: Float32Array; rate: number }

const kept = new Map<string, Recording>();
let names = $state.raw<string[]>([]);
const asks = (event: BeforeUnloadEvent) => event.preventDefault();

function guard(): void {
  names = [...kept.keys()];
  if (names.length) addEventListener('beforeunload', asks);
  else removeEventListener('beforeunload', asks);
}

export const unsent = {
  of: (name: string): Recording | null => kept.get(name) ?? null,
  /** Drafts that have one; a draft's recordings are named after it, with their language behind a colon. */
  drafts: (): string[] => [...new Set(names.map((name) => name.split(':')[0] ?? ''))],
  keep(name: string, recording: Recording): void {
    kept.set(name, recording);
    guard();
  },
  drop(name: string): void {
    kept.delete(name);
    guard();
  },
};
