/** Elements of HTML as people put them into names, targets of Markdown's links, and addresses of the web. */
const MARKUP =
  /<\/?(?:a|b|i|u|p|br|em|strong|span|div|img|script|h[1-6]|[uo]l|li)\b[^>]*>|\]\([^)]*\)|https?:\/\/\S*/gi;

/** Nobody listens to a longer one. */
const LONGEST = 60;

/** A name as it can be read out: as an address can, and no longer than can be heard. Empty where nothing of it can. */
export function spokenName(name: string): string {
  const said = spokenAddress(name);
  if (said.length <= LONGEST) return said;
  const words = said.slice(0, LONGEST + 1).replace(/ ?[^ ]*$/, '');
  // One long word; cutting may part a pair of surrogates.
  return words === '' ? said.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '') : words;
}

export function spokenNames(names: readonly string[]): string[] {
  return names.map(spokenName).filter((name) => name !== '');
}

/** An address as it can be read out: signs that belong to none, markup and links among them, are left out. */
export function spokenAddress(address: string): string {
  return (
    address
      .replace(MARKUP, ' ')
      // Selectors of how a sign is drawn are marks, which belong to letters.
      .replace(/[^\p{L}\p{M}\p{N}\u200c\u200d .,'’&-]|[\ufe00-\ufe0f]/gu, ' ')
      // Joiners of signs that were left out.
      .replace(/(?<![\p{L}\p{M}])[\u200c\u200d]+|[\u200c\u200d]+(?![\p{L}\p{M}])/gu, '')
      .replace(/\s+/g, ' ')
      .replace(/ (?=[.,])/g, '')
      .trim()
  );
}
