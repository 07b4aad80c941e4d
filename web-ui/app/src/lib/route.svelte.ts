// Which page is shown: the part of the address behind `#`, so that the station serves one page and the back button works.

function read(): { page: string; rest: string[]; query: URLSearchParams } {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [page = '', ...rest] = path.split('/').map(decodeURIComponent);
  return { page: page || 'home', rest, query: new URLSearchParams(query) };
}

let now = $state(read());
addEventListener('hashchange', () => {
  now = read();
});

export const route = {
  /** Name of the page. */
  get page(): string {
    return now.page;
  },
  /** What follows the name. */
  get rest(): string[] {
    return now.rest;
  },
  /** What follows the question mark. */
  get query(): URLSearchParams {
    return now.query;
  },
};

/** Address of a page, for links. */
export const to = (page: string, ...rest: string[]) => `#/${[page, ...rest].map(encodeURIComponent).join('/')}`;

/** Goes to a page. */
export function go(page: string, ...rest: string[]): void {
  location.hash = to(page, ...rest);
}
