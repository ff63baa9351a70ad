import ts from 'typescript';

/** What a mutant has instead of a node; `at` says where, if it is not all of the node. */
export interface Replacement {
  readonly text: string;
  readonly at?: { readonly start: number; readonly end: number };
}

/** Finds ways to make a node wrong, each a mistake that somebody could make. */
type Operator = (node: ts.Node, text: (node: ts.Node) => string) => Replacement[];

const SWAPS: Partial<Record<ts.SyntaxKind, readonly string[]>> = {
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: ['!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: ['==='],
  [ts.SyntaxKind.LessThanToken]: ['<=', '>='],
  [ts.SyntaxKind.LessThanEqualsToken]: ['<', '>'],
  [ts.SyntaxKind.GreaterThanToken]: ['>=', '<='],
  [ts.SyntaxKind.GreaterThanEqualsToken]: ['>', '<'],
  [ts.SyntaxKind.PlusToken]: ['-'],
  [ts.SyntaxKind.MinusToken]: ['+'],
  [ts.SyntaxKind.AsteriskToken]: ['/'],
  [ts.SyntaxKind.SlashToken]: ['*'],
  [ts.SyntaxKind.PlusEqualsToken]: ['-='],
  [ts.SyntaxKind.AmpersandAmpersandToken]: ['||'],
  [ts.SyntaxKind.BarBarToken]: ['&&'],
  [ts.SyntaxKind.QuestionQuestionToken]: ['&&'],
};

/** Operators of which each side may be forgotten. */
const LOGICAL = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

const binary: Operator = (node, text) => {
  if (!ts.isBinaryExpression(node)) return [];
  const { left, operatorToken, right } = node;
  const swapped = (SWAPS[operatorToken.kind] ?? []).map((operator) => ({
    text: `(${text(left)} ${operator} ${text(right)})`,
  }));
  return LOGICAL.has(operatorToken.kind)
    ? [...swapped, { text: `(${text(left)})` }, { text: `(${text(right)})` }]
    : swapped;
};

const condition: Operator = (node) => {
  const asked =
    ts.isIfStatement(node) || ts.isWhileStatement(node)
      ? node.expression
      : ts.isConditionalExpression(node) && node.condition;
  if (asked) return ['true', 'false'].map((text) => ({ text, at: rangeOf(asked) }));
  return ts.isForStatement(node) && node.condition ? [{ text: 'false', at: rangeOf(node.condition) }] : [];
};

const unary: Operator = (node, text) => {
  if (!ts.isPrefixUnaryExpression(node)) return [];
  const isDropped = node.operator === ts.SyntaxKind.ExclamationToken || node.operator === ts.SyntaxKind.MinusToken;
  return isDropped ? [{ text: text(node.operand) }] : [];
};

const literal: Operator = (node) => {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [{ text: 'false' }];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [{ text: 'true' }];
  if (ts.isNumericLiteral(node))
    return [1, -1].map((step) => ({ text: String(Number(node.text.replaceAll('_', '')) + step) }));
  if (ts.isStringLiteral(node)) return [{ text: node.text === '' ? "'mutant'" : "''" }, ...sqlMistakes(node)];
  return [];
};

/** What of a statement in SQL may be got wrong. */
const SQL: readonly [RegExp, string][] = [
  [/\bAND\b/g, 'OR'],
  [/\bOR\b/g, 'AND'],
  [/\bMAX\b/g, 'MIN'],
  [/\bGREATEST\b/g, 'LEAST'],
  [/(?<=\s)<(?=\s)/g, '<='],
  [/(?<=\s)>(?=\s)/g, '>='],
  [/(?<=\s)<<(?=\s)/g, '>>'],
  [/(?<=\s)&(?=\s)/g, '|'],
  [/(?<=\s)\|(?=\s)/g, '&'],
  [/(?<=[\w)] )-(?= [\w(])/g, '+'],
  [/\b0\b/g, '1'],
  [/\b1\b/g, '2'],
  [/\b64\b/g, '63'],
  [/\b64\b/g, '65'],
];

function sqlMistakes(node: ts.StringLiteral | ts.NoSubstitutionTemplateLiteral): Replacement[] {
  return /\s(WHERE|AND|OR|WHEN)\s/.test(node.text) ? SQL.flatMap(([form, text]) => eachOf(node, form, text)) : [];
}

const template: Operator = (node) => {
  if (ts.isNoSubstitutionTemplateLiteral(node)) return sqlMistakes(node);
  if (!ts.isTemplateExpression(node)) return [];
  // `${` belongs to what is before, `}` to what is behind.
  return node.templateSpans.map(({ expression }) => ({
    text: '',
    at: { start: expression.pos - 2, end: expression.end + 1 },
  }));
};

const collection: Operator = (node) => {
  if (ts.isArrayLiteralExpression(node)) return node.elements.length > 0 ? [{ text: '[]' }] : [];
  if (!ts.isObjectLiteralExpression(node)) return [];
  return node.properties.map((property, index) => {
    const next = node.properties[index + 1];
    return {
      text: '',
      at: {
        start: property.getStart(),
        end: next ? next.getStart() : property.end + (hasCommaAfter(property) ? 1 : 0),
      },
    };
  });
};

const statement: Operator = (node) => {
  if (ts.isThrowStatement(node)) return [{ text: ';' }];
  if (ts.isReturnStatement(node)) return isNothing(node.expression) ? [] : [{ text: 'return undefined as never;' }];
  if (!ts.isExpressionStatement(node)) return [];
  const isConstructor =
    ts.isCallExpression(node.expression) && node.expression.expression.kind === ts.SyntaxKind.SuperKeyword;
  return isConstructor ? [] : [{ text: ';' }];
};

const arrow: Operator = (node) =>
  ts.isArrowFunction(node) && !ts.isBlock(node.body) ? [{ text: 'undefined as never', at: rangeOf(node.body) }] : [];

const optional: Operator = (node) => {
  if (ts.isPropertyAccessExpression(node) && node.questionDotToken)
    return [{ text: '.', at: rangeOf(node.questionDotToken) }];
  if (ts.isElementAccessExpression(node) && node.questionDotToken)
    return [{ text: '', at: rangeOf(node.questionDotToken) }];
  return [];
};

/** Calls whose result is like what they are called on, so that they may be forgotten. */
const PASSING = new Set(['filter', 'slice', 'subarray', 'toLowerCase', 'trim', 'replace', 'getAllAndOverride']);
const QUANTIFIERS = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['find', 'findLast'],
]);

const call: Operator = (node, text) => {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  const { expression, name } = node.expression;
  const other = QUANTIFIERS.get(name.text);
  // Of a chain like `hmac.update(one).update(two)`, one link may be forgotten too.
  const isLink = name.text === 'update' && ts.isCallExpression(expression);
  const dropped = PASSING.has(name.text) || isLink ? [{ text: text(expression) }] : [];
  return other === undefined ? dropped : [...dropped, { text: other, at: rangeOf(name) }];
};

const CLASS = /(?<!\\)\[(\^?)(?:\\.|[^\]\\])*\]/g;

/** What of a regular expression may be got wrong beside its classes of characters: anchors, quantifiers, flags. */
const REGEX = [
  /(?<=^\/)\^/g,
  /\$(?=\/\w*$)/g,
  /(?<![\\(/])[+*](?![^[]*\])/g,
  /\{\d+\}/g,
  /(?<=\/\w*)[gimsuy](?=\w*$)/g,
];

const regex: Operator = (node) => {
  if (!ts.isRegularExpressionLiteral(node)) return [];
  const negated = [...node.text.matchAll(CLASS)].map(({ 1: not, index }) => ({
    text: not === '' ? '[^' : '[',
    at: { start: node.getStart() + index, end: node.getStart() + index + (not === '' ? 1 : 2) },
  }));
  return [...negated, ...REGEX.flatMap((form) => eachOf(node, form, ''))];
};

/** A mutant for each place in the text of a node. */
function eachOf(node: ts.Node, form: RegExp, text: string): Replacement[] {
  const start = node.getStart();
  return [...node.getText().matchAll(form)].map(({ 0: found, index }) => ({
    text,
    at: { start: start + index, end: start + index + found.length },
  }));
}

/** What is as good as undefined where it is returned, or has mutants of its own. */
function isNothing(node: ts.Expression | undefined): boolean {
  return node === undefined || ['null', 'undefined', 'true', 'false'].includes(node.getText());
}

function hasCommaAfter(node: ts.Node): boolean {
  return node.getSourceFile().text[node.end] === ',';
}

function rangeOf(node: ts.Node): { start: number; end: number } {
  return { start: node.getStart(), end: node.end };
}

export const OPERATORS: readonly Operator[] = [
  binary,
  condition,
  unary,
  literal,
  template,
  collection,
  statement,
  arrow,
  optional,
  call,
  regex,
];
