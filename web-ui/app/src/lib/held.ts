// What this machine holds by itself: a browser that is full, or lets nothing be held, loses nothing but the holding.

/** What is held under a key; `null` where nothing is, or it cannot be read. */
export function held<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

/** Holds something; false where this browser does not. */
export function hold(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Holds it no longer. */
export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // What cannot be held need not be forgotten.
  }
}

/** Keys that begin so, without that beginning. */
export function heldAs(beginning: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(beginning)).map((key) => key.slice(beginning.length));
  } catch {
    return [];
  }
}
