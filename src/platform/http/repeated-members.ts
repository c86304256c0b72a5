declare module 'fastify' {
  interface FastifyRequest {
    /** Names that occur twice in one object of the JSON body; absent where none does. Only routes that take any body get here with some. */
    repeatedMembers?: readonly string[];
  }
}

/** More are as good as one: the body is refused either way. */
const MOST_NAMED = 5;
/** As long as a name is told. */
const LONGEST_NAME = 64;

/**
 * Returns the names that occur twice in one object of a JSON text, each once. `JSON.parse` keeps the last of them without a
 * word, so a value that was pasted into a JSON template unescaped could replace what stands beside it. Names are compared as
 * they are read: `"a"` and `"\u0061"` are one.
 * @param json a valid JSON text. One pass, in time linear to its length
 * @see https://www.rfc-editor.org/rfc/rfc7493#section-2.3
 */
export function repeatedMembers(json: string): string[] {
  const repeated = new Set<string>();
  /** The names seen so far in each object that is open; an array has none. */
  const open: (Set<string> | null)[] = [];
  const structural = /["{}[\]]/g;
  for (let found = structural.exec(json); found !== null; found = structural.exec(json)) {
    switch (found[0]) {
      case '{':
        open.push(new Set());
        break;
      case '[':
        open.push(null);
        break;
      case '"': {
        const end = endOfString(json, found.index);
        structural.lastIndex = end;
        const names = open.at(-1);
        if (!names || !isName(json, end)) break;
        const name = JSON.parse(json.slice(found.index, end)) as string;
        if (names.has(name)) repeated.add(name.slice(0, LONGEST_NAME).toWellFormed());
        if (repeated.size === MOST_NAMED) return [...repeated];
        names.add(name);
        break;
      }
      default:
        open.pop();
    }
  }
  return [...repeated];
}

/** @returns the index after the quote that ends the string which begins at `start` */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return json.length;
}

/** Whether the string that ends before `end` is followed by a colon. */
function isName(json: string, end: number): boolean {
  let index = end;
  while (' \t\n\r'.includes(json.charAt(index)) && index < json.length) index += 1;
  return json[index] === ':';
}
