/** A name as it can be read out: signs that belong to no name, markup among them, are left out. */
export function spokenName(name: string): string {
  return name
    .replace(/[^\p{L}\p{M}\p{N} .,'’&-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
