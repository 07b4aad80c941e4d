// The page's own files stay on the machine, so that it opens and says what is wrong while the station restarts.

/** Keeps the shell, where the browser can: only a secure context has a place for it. */
export function keepShell(): void {
  if ('serviceWorker' in navigator && import.meta.env.PROD) {
    addEventListener('load', () => void navigator.serviceWorker.register('/shell.js').catch(() => undefined));
  }
}
