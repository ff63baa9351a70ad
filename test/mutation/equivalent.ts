import ts from 'typescript';
import type { Mutant } from './mutants.js';

/**
 * A comment that says which mutants of the code below it behave as the product does, so that no test could notice them:
 *
 *     // Equivalent mutant `BATCH = 1001`: a batch may be larger or smaller.
 *     const BATCH = 1_000;
 *
 * It holds for the statement, member or argument below it, and for nothing else. Between the backquotes is what the mutated line has and the
 * right one has not; `nothing` stands for code that is left out.
 */
interface Excuse {
  /** The line that the comment begins in. */
  readonly line: number;
  readonly fragment: string;
  readonly why: string;
}

const FORM = /Equivalent mutants? ((?:`[^`]+`(?:, | and )?)+): (.+?)(?= Equivalent mutants? `|$)/g;

/** What a source file says of its equivalent mutants. */
export class Excuses {
  private readonly tree: ts.SourceFile;

  constructor(
    file: string,
    private readonly source: string,
  ) {
    this.tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  }

  /** A fragment each. */
  all(): Excuse[] {
    const found = new Map<string, Excuse>();
    const visit = (node: ts.Node): void => {
      for (const excuse of excusesAbove(node)) found.set(`${excuse.line} ${excuse.fragment}`, excuse);
      ts.forEachChild(node, visit);
    };
    visit(this.tree);
    return [...found.values()];
  }

  /** The one for a mutant of the file, if there is one. */
  of(mutant: Mutant): Excuse | undefined {
    for (let node = nodeAt(this.tree, mutant.start); !ts.isSourceFile(node); node = node.parent) {
      const excuse = excusesAbove(node).find(({ fragment }) => hasFragment(mutant, this.source, fragment));
      if (excuse) return excuse;
    }
    return undefined;
  }
}

function hasFragment({ start, end, text }: Mutant, source: string, fragment: string): boolean {
  if (fragment === 'nothing') return ['', ';'].includes(text);
  const [from, to] = [source.lastIndexOf('\n', start) + 1, source.indexOf('\n', end)];
  const mutated = source.slice(from, start) + text + source.slice(end, to);
  return mutated.includes(fragment) && !source.slice(from, to).includes(fragment);
}

function excusesAbove(node: ts.Node): Excuse[] {
  const source = node.getSourceFile();
  const comments = (ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []).filter(
    ({ kind }) => kind === ts.SyntaxKind.SingleLineCommentTrivia,
  );
  const [first] = comments;
  if (!first) return [];
  const block = comments.map(({ pos, end }) => source.text.slice(pos + 2, end).trim()).join(' ');
  const line = source.getLineAndCharacterOfPosition(first.pos).line + 1;
  return [...block.matchAll(FORM)].flatMap(([, list = '', why = '']) =>
    [...list.matchAll(/`([^`]+)`/g)].map(([, fragment = '']) => ({ line, fragment, why })),
  );
}

/** The smallest node that a place is in. */
function nodeAt(tree: ts.SourceFile, position: number): ts.Node {
  let node: ts.Node = tree;
  for (;;) {
    const child: ts.Node | undefined = ts.forEachChild(node, (one) =>
      one.getStart() <= position && position < one.end ? one : undefined,
    );
    if (!child) return node;
    node = child;
  }
}
