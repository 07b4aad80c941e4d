// Two who changed the same thing: what each changed stands; where both changed the same spot, mine does, and it is said where.

type Plain = string | number | boolean | null;
export type Tree = Plain | undefined | Tree[] | { [key: string]: Tree };

const isMap = (tree: Tree): tree is { [key: string]: Tree } => typeof tree === 'object' && tree !== null && !Array.isArray(tree);
const same = (a: Tree, b: Tree) => JSON.stringify(a) === JSON.stringify(b);
const idOf = (row: Tree): string => (isMap(row) && typeof row.id === 'string' ? row.id : JSON.stringify(row));

/** What is made of `mine` and `theirs`, which both came from `base`; lists are of rows with an `id`. */
export function merge(base: Tree, mine: Tree, theirs: Tree, clashes: string[] = [], where = ''): Tree {
  if (same(mine, base) || same(mine, theirs)) return theirs;
  if (same(theirs, base)) return mine;
  if (Array.isArray(mine) && Array.isArray(theirs)) {
    const before = new Map((Array.isArray(base) ? base : []).map((row) => [idOf(row), row]));
    const [ours, others] = [new Map(mine.map((row) => [idOf(row), row])), new Map(theirs.map((row) => [idOf(row), row]))];
    const rows: Tree[] = [];
    for (const id of new Set([...others.keys(), ...ours.keys()])) {
      const [was, a, b] = [before.get(id), ours.get(id), others.get(id)];
      // Taken out by one and left alone by the other: it is gone. Taken out and changed: it stays.
      if (a === undefined && same(b, was)) continue;
      if (b === undefined && same(a, was)) continue;
      rows.push(a === undefined ? b : b === undefined ? a : merge(was, a, b, clashes, where));
    }
    return rows;
  }
  if (isMap(mine) && isMap(theirs)) {
    const was = isMap(base) ? base : {};
    const name = typeof mine.name === 'string' ? mine.name : where;
    return Object.fromEntries([...new Set([...Object.keys(theirs), ...Object.keys(mine)])].map((key) => [key, merge(was[key], mine[key], theirs[key], clashes, name || key)]));
  }
  clashes.push(where);
  return mine;
}
