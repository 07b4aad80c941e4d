// What the station answered. No answer vanishes by itself; at most four stand at once.

export interface Notice {
  id: number;
  text: string;
  bad: boolean;
}

const MOST = 4;
let count = 0;
let standing = $state<Notice[]>([]);

export const notices = {
  get all(): Notice[] {
    return standing;
  },
  /** Puts a line up that stays until it is closed. */
  say(text: string, bad = false): void {
    count += 1;
    standing = [...standing, { id: count, text, bad }].slice(-MOST);
  },
  close(id: number): void {
    standing = standing.filter((n) => n.id !== id);
  },
};
