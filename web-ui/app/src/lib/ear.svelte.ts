// Listens to what a sink plays, one at a time.

const audio = new Audio();
let sink = $state<string | null>(null);
let going = $state(false);

function stop(): void {
  sink = null;
  going = false;
  audio.removeAttribute('src');
  audio.load();
}

audio.addEventListener('playing', () => { going = true; });
for (const end of ['ended', 'error']) audio.addEventListener(end, () => { if (sink !== null) stop(); });

export const ear = {
  /** The sink that is listened to. */
  get sink(): string | null {
    return sink;
  },
  /** Its sound is here. */
  get going(): boolean {
    return going;
  },
  /** Listens to a sink; to the same once more ends it. */
  turn(of: string): void {
    if (of === sink) return stop();
    sink = of;
    going = false;
    audio.src = `/monitor/${encodeURIComponent(of)}`;
    audio.play().catch(() => { if (sink === of) stop(); });
  },
};
