import ts from 'typescript';
import type { Change } from '../support/planted/planted-tree.js';
import { OPERATORS } from './operators.js';

/** A source file with one small mistake in it. */
export interface Mutant extends Change {
  readonly line: number;
  /** What stands there, and what would stand there instead, each in one line. */
  readonly what: string;
}

/**
 * Makes all mutants of a source file, in the order of their places.
 *
 * Texts for people, types, imports and decorators stay as they are: no test should hold the words of a message.
 */
export function mutantsOf(file: string, source: string): Mutant[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const mutants = new Map<string, Mutant>();
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    for (const { text, at = { start: node.getStart(), end: node.end } } of OPERATORS.flatMap((operator) =>
      operator(node, (one) => one.getText()),
    )) {
      const line = tree.getLineAndCharacterOfPosition(at.start).line + 1;
      mutants.set(`${at.start}-${at.end}-${text}`, { file, ...at, text, line, what: describe(source, at, text, node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return [...mutants.values()].toSorted((one, other) => one.start - other.start || one.end - other.end);
}

/** Whether a mutant can be read as TypeScript at all; one that cannot would count as noticed by every test. */
export function isReadable({ file, start, end, text }: Mutant, source: string): boolean {
  const mutated = source.slice(0, start) + text + source.slice(end);
  const { diagnostics = [] } = ts.transpileModule(mutated, { fileName: file, reportDiagnostics: true });
  return diagnostics.length === 0;
}

function isLeftAlone(node: ts.Node): boolean {
  return (
    ts.isImportDeclaration(node) ||
    ts.isModuleDeclaration(node) ||
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isDecorator(node) ||
    isTextForPeople(node)
  );
}

/** The words of an error or of a log line. */
function isTextForPeople(node: ts.Node): boolean {
  if (!ts.isStringLiteral(node) && !ts.isTemplateExpression(node)) return false;
  const { parent } = node;
  if (ts.isNewExpression(parent)) return parent.expression.getText().endsWith('Error');
  if (!ts.isCallExpression(parent)) return false;
  return (
    parent.expression.kind === ts.SyntaxKind.SuperKeyword ||
    /\blogger\.\w+$|\.deliver$/.test(parent.expression.getText())
  );
}

/** A short node with what it is part of, of a long one what is around the mistake. */
function describe(source: string, { start, end }: { start: number; end: number }, text: string, node: ts.Node): string {
  const isShort = node.end - node.getStart() < 30 && !ts.isSourceFile(node.parent);
  const isPart = isShort && node.parent.end - node.parent.getStart() <= 100;
  if (isPart) return describe(source, { start, end }, text, node.parent);
  const [first, last] = [Math.min(node.getStart(), start), Math.max(node.end, end)];
  const [from, to] = last - first <= 100 ? [first, last] : [Math.max(first, start - 40), Math.min(last, end + 40)];
  return `${inOneLine(source.slice(from, to))} -> ${inOneLine(source.slice(from, start) + text + source.slice(end, to))}`;
}

function inOneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 157)}...` : line || 'nothing';
}
