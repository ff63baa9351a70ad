import type { Setting, SettingGroup } from '../../src/config/setting.js';
import { fileNames, groupNames, groups, variableNames } from '../../src/config/variables.js';
import { conditionsOf, factsOf } from './facts.js';

const INTRODUCTION = `# Settings

Every setting, by what it is about.

- A setting is an environment variable, or a line of the file \`.env\` in the working folder. The environment wins.
- [.env.example](../.env.example) has the same to copy, and says how to write a value.
- An empty value counts as not set.
- A secret or a certificate can also be given as \`NAME_FILE\`, the path of a file that holds it and nothing else.
- A setting that has no effect beside others is refused: the operator expects one.
- All mistakes are reported at start, and by \`flexisip-api doctor\` ([commands.md](commands.md)).

\`npm run settings\` makes this page from the declarations in [src/config/groups](../src/config/groups).
`;

/** The text of `docs/settings.md`. */
export function settingsPage(): string {
  return [INTRODUCTION, ...groupNames.map((name) => chapter(groups[name]))].join('\n');
}

function chapter({ title, introduction, settings }: SettingGroup): string {
  const opening = [`## ${title}`, ...(introduction === undefined ? [] : [linked(introduction, '')])];
  const paragraphs = Object.entries(settings).map(([name, setting]) => {
    const facts = factsAbout(name, setting);
    return [`### ${name}`, linked(setting.text, name), facts].filter((part) => part !== '').join('\n\n');
  });
  return `${[...opening, ...paragraphs].join('\n\n')}\n`;
}

function factsAbout(name: string, setting: Setting): string {
  const { values, defaultInWords, hasFile } = factsOf(setting);
  const facts = [
    ...(defaultInWords === null ? [] : [`Default: ${defaultInWords}.`]),
    ...(values === null ? [] : [`Values: ${values}.`]),
    ...conditionsOf(setting),
    ...(hasFile ? [`${setting.secret === true ? 'A secret; also' : 'Also'} as ${name}_FILE.`] : []),
  ];
  return facts.map((fact) => `- ${linked(fact.replace(/\.$/, ''), name)}`).join('\n');
}

const PAGE = /\bdocs\/([\w-]+\.md)\b/g;
const VARIABLE = /(?<!\w)([A-Z]+(?:_[A-Z]+)*)(=\w+)?(?!\w)/g;

/** A text with links to other pages, and to the settings that it names beside its own. */
function linked(text: string, own: string): string {
  const pieces = text.split(/(`[^`]*`)/);
  return pieces.map((piece) => (piece.startsWith('`') ? piece : withLinks(piece, own))).join('');
}

function withLinks(text: string, own: string): string {
  const isFile = (name: string) => fileNames.some((secret) => name === `${secret}_FILE`);
  const isVariable = (name: string) => (variableNames as string[]).includes(name);
  return text.replace(PAGE, '[$1]($1)').replace(VARIABLE, (word: string, name: string) => {
    if (name === own || isFile(name)) return `\`${word}\``;
    return isVariable(name) ? `[\`${word}\`](#${name.toLowerCase()})` : word;
  });
}
