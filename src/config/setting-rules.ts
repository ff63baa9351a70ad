import type { Choice, IsGiven, NoEffect } from './setting.js';
import { type Values, type VariableName, variableNames, variables } from './variables.js';

/** Checks the rules between settings that their declarations define. Each method returns one line per mistake. */
export class SettingRules {
  private readonly values: Readonly<Partial<Record<string, unknown>>>;

  constructor(
    values: Partial<Values>,
    private readonly isGiven: IsGiven,
  ) {
    this.values = values;
  }

  /** Settings that a choice requires. */
  missing(): string[] {
    return variableNames.flatMap((name) => {
      const { required } = variables[name];
      if (required === undefined || this.isGiven(name)) return [];
      const choice = typeof required === 'string' ? required : required.with;
      const message = typeof required === 'string' ? `is required with ${required}` : required.message;
      return this.isChosen(choice) ? [`${name}: ${message}`] : [];
    });
  }

  /**
   * Drivers that are not chosen although their settings are given. Otherwise the service would begin with an embedded
   * database, or print messages. If a driver is chosen, settings of other drivers may stay for later use.
   */
  unchosenDrivers(): string[] {
    // With DB_DRIVER=mysql every driver must be chosen anyway.
    if (this.isChosen('DB_DRIVER=mysql')) return [];
    const found = new Map<string, VariableName>();
    for (const name of variableNames.filter((one) => variables[one].demandsChoice === true && this.isUsed(one))) {
      const [driver] = partsOf(variables[name].with ?? '=');
      if (!found.has(driver)) found.set(driver, name);
    }
    return [...found]
      .filter(([driver]) => !this.isGiven(driver))
      .map(([driver, name]) => `${driver}: must be chosen, since ${name} is given and has no effect without it`);
  }

  /** Settings that have no effect because of other settings. Those of a driver that is not chosen are accepted. */
  idle(): string[] {
    return variableNames
      .filter((name) => this.isUsed(name) && this.isOfChosenDriver(name))
      .flatMap((name) => {
        const rule = variables[name].noEffect?.find((one) => this.holds(one));
        return rule === undefined ? [] : [`${name}: has no effect ${reasonOf(rule)}`];
      });
  }

  private holds({ with: choice, without = [] }: NoEffect): boolean {
    const isWithout = [without].flat().every((one) => this.lacks(one));
    return isWithout && (choice === undefined || this.isChosen(choice));
  }

  private lacks(choiceOrName: string): boolean {
    const [name, value] = partsOf(choiceOrName);
    return value === undefined ? !this.isGiven(name) : this.values[name] !== undefined && this.values[name] !== value;
  }

  private isChosen(choice: Choice): boolean {
    const [name, value] = partsOf(choice);
    return this.values[name] === value;
  }

  private isOfChosenDriver(name: VariableName): boolean {
    const { with: driver } = variables[name];
    return driver === undefined || this.isChosen(driver);
  }

  /** Whether a variable is given and valid. An invalid one has already been reported. */
  private isUsed(name: VariableName): boolean {
    return this.isGiven(name) && this.values[name] !== undefined;
  }
}

/** The end of the sentence that begins with "has no effect". */
export function reasonOf({ with: choice, without = [] }: NoEffect): string {
  return choice === undefined ? `without ${[without].flat().join(' or ')}` : `with ${choice}`;
}

/** Splits a choice into a variable and its value. */
function partsOf(choice: string): [name: string, value: string | undefined] {
  const [name = '', value] = choice.split('=');
  return [name, value];
}
