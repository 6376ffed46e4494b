/**
 * How deeply are the brackets of a document nested? Asked of its tokens, before the parser: that one recurses, and a
 * document of a few thousand brackets would exhaust the stack.
 */
import { GraphQLError, Lexer, Source, TokenKind } from 'graphql';

const STEP: { readonly [kind: string]: number } = {
  [TokenKind.PAREN_L]: 1,
  [TokenKind.BRACKET_L]: 1,
  [TokenKind.BRACE_L]: 1,
  [TokenKind.PAREN_R]: -1,
  [TokenKind.BRACKET_R]: -1,
  [TokenKind.BRACE_R]: -1,
};

/**
 * Is any of the first `tokensMax` tokens deeper inside of brackets than allowed? Looks no further than that, nor than
 * what is no token at all: the parser says what is wrong there.
 */
export function nestedTooDeeply(text: string, nestingMax: number, tokensMax: number): boolean {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  try {
    for (let count = 0; count < tokensMax; count += 1) {
      const { kind } = lexer.advance();
      if (kind === TokenKind.EOF) return false;
      depth += STEP[kind] ?? 0;
      if (depth > nestingMax) return true;
    }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
  }
  return false;
}
