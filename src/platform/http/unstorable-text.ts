/** PostgreSQL's text holds any character but NUL, and a surrogate without its partner is no character at all. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/**
 * The names of all fields in `value` that hold text which cannot be stored. Names of members are looked at as well. Not
 * recursive: the sender decides how deep `value` is.
 */
export function fieldsWithUnstorableText(value: unknown, name: string): string[] {
  const found: string[] = [];
  const pending: [name: string, value: unknown][] = [[name, value]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [path, current] = next;
    if (typeof current === 'string' && !isStorable(current)) found.push(path);
    if (Array.isArray(current)) {
      current.forEach((item, index) => pending.push([`${path}[${index}]`, item]));
    } else if (typeof current === 'object' && current !== null) {
      for (const [key, item] of Object.entries(current)) {
        if (isStorable(key)) pending.push([path === '' ? key : `${path}.${key}`, item]);
        else found.push(path === '' ? 'body' : path);
      }
    }
  }
  return found.sort();
}
