import { type Chrono, type Parser, ParsingResult } from 'chrono-node';

/**
 * Those of a language's Chrono that are wanted, by name: Chrono exports the configured whole only. What its
 * others find is found by ours, or is nothing that a caller means.
 * @throws Error when Chrono does not have one any more
 */
export function chronoParsers({ parsers }: Chrono, names: readonly string[]): Parser[] {
  return names.map((name) => {
    const parser = parsers.find(({ constructor }) => constructor.name === name);
    if (parser === undefined) throw new Error(`Chrono has no ${name}.`);
    return ofWholeWords(parser);
  });
}

/**
 * The parser, without what it finds in the midst of words and numbers: "00 January" in "14:00 January 21". Chrono
 * itself goes on in the midst of what a parser did not take.
 */
export function ofWholeWords(parser: Parser): Parser {
  return {
    pattern: (context) => parser.pattern(context),
    extract: (context, match) => {
      const found = parser.extract(context, match);
      if (found === null) return null;
      const { index, text } =
        found instanceof ParsingResult ? found : { index: match.index ?? 0, text: match[0] };
      const before = context.text.slice(0, index);
      const after = context.text.slice(index + text.length);
      const isPart = /[\p{L}\p{N}][-/.:]?$|[-+]$/u.test(before) || /^[-/.:]?[\p{L}\p{N}]/u.test(after);
      return isPart ? null : found;
    },
  };
}
