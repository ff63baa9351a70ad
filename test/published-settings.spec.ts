import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NoEffect } from '../src/config/setting.js';
import { variableNames, variables } from '../src/config/variables.js';
import { filesOfSettings } from '../scripts/settings/files.js';

const root = join(__dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

describe('What operators read of settings', () => {
  it.each(Object.entries(filesOfSettings(root)))(
    'is what the declarations say: %s (npm run settings)',
    (file, text) => {
      expect(read(file)).toBe(text);
    },
  );

  it('has lines of at most 120 characters in .env.example', () => {
    expect(
      read('.env.example')
        .split('\n')
        .filter((line) => line.length > 120),
    ).toEqual([]);
  });

  it.each(variableNames)('has %s once', (name) => {
    expect(read('.env.example').match(new RegExp(`^#${name}(_FILE)?=`, 'gm'))).toHaveLength(1);
    expect(read('docs/settings.md').match(new RegExp(`^### ${name}$`, 'gm'))).toHaveLength(1);
  });
});

describe('The declarations of settings', () => {
  const choicesIn = ({ with: choice, without = [] }: NoEffect) =>
    [choice ?? [], without].flat().map((choiceOrName) => choiceOrName.split('='));

  it.each(variableNames)('name variables that there are, and values that they may have: %s', (name) => {
    const { with: driver, required, noEffect = [] } = variables[name];
    const requiring = typeof required === 'object' ? required.with : required;
    const choices = [driver, requiring].filter((choice) => choice !== undefined).map((choice) => choice.split('='));
    const named = [...choices, ...noEffect.flatMap(choicesIn)];
    expect(named.filter(([other = '']) => !(variableNames as readonly string[]).includes(other))).toEqual([]);
    const parsed = named
      .filter(([, value]) => value !== undefined)
      .map(([other, value]) => [value, variables[other as typeof name].schema.safeParse(value).data]);
    expect(parsed.filter(([value, data]) => data !== value)).toEqual([]);
  });

  it('demand a choice of a driver only where they belong to one', () => {
    expect(
      variableNames.filter((name) => variables[name].demandsChoice === true && variables[name].with === undefined),
    ).toEqual([]);
  });

  it('fill a member each', () => {
    const members = variableNames.flatMap((name) => variables[name].fills ?? []);
    expect(new Set(members).size).toBe(members.length);
  });

  // The program of Flexisip is not here.
  const examples = variableNames.filter(
    (name) => variables[name].example !== undefined && name !== 'APP_FLEXISIP_PUSHER_PATH',
  );

  it.each(examples)('show what may be given: %s', (name) => {
    expect(variables[name].schema.safeParse(variables[name].example)).toMatchObject({ success: true });
  });
});
