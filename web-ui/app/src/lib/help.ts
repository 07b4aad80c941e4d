// Which lesson helps with which page: its own, or that of the page it belongs to.

const BELONGS: Record<string, string> = {
  recordings: 'journal', report: 'journal', audit: 'people', lexicon: 'compose', library: 'compose', account: 'people', first: 'settings', papers: 'inbox', learn: 'home', ready: 'emergency', commission: 'devices',
};

/** The page whose lesson helps with this one. */
export const lessonPage = (page: string, known: string[]): string => (known.includes(page) ? page : (BELONGS[page] ?? 'home'));
