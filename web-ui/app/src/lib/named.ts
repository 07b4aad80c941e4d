// The row an address names is brought into sight and marked.

/** Marks the row while it is the one that is named, and goes to it. */
export function named(node: HTMLElement, is: boolean): { update: (is: boolean) => void } {
  const update = (now: boolean) => {
    if (!now) {
      node.removeAttribute('aria-current');
      return;
    }
    node.setAttribute('aria-current', 'true');
    node.tabIndex = -1;
    node.focus();
    node.scrollIntoView({ block: 'center' });
  };
  update(is);
  return { update };
}
