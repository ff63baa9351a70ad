import type { Choice, IsGiven, NoEffect } from './setting.js';
import { type Values, type VariableName, variableNames, variables } from './variables.js';

/** Checks what the declarations of settings demand of each other; a line for each mistake. */
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
   * Drivers that were not chosen although their settings are given: the service would begin with an embedded database, or
   * print messages. Where a driver is chosen, settings of others may stay for later.
   */
  unchosenDrivers(): string[] {
    // On MySQL every driver is required anyway.
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

  /** Settings without effect beside others. Those of a driver that is not chosen are accepted. */
  idle(): string[] {
    return variableNames
      .filter((name) => this.isUsed(name))
      .flatMap((name) => {
        const rule = variables[name].noEffect?.find((one) => this.holds(one));
        return rule === undefined ? [] : [`${name}: has no effect ${reasonOf(rule)}`];
      });
  }

  private holds({ with: choice, without = [], where = [] }: NoEffect): boolean {
    const isWithout = [without].flat().every((one) => this.lacks(one));
    return isWithout && [...where, ...(choice === undefined ? [] : [choice])].every((one) => this.isChosen(one));
  }

  private lacks(choiceOrName: string): boolean {
    const [name, value] = partsOf(choiceOrName);
    return value === undefined ? !this.isGiven(name) : this.values[name] !== undefined && this.values[name] !== value;
  }

  private isChosen(choice: Choice): boolean {
    const [name, value] = partsOf(choice);
    return this.values[name] === value;
  }

  /** Whether a variable is given, and not wrong, which has been reported already. */
  private isUsed(name: VariableName): boolean {
    return this.isGiven(name) && this.values[name] !== undefined;
  }
}

/** The end of the sentence that begins with "has no effect". */
export function reasonOf({ with: choice, without = [] }: NoEffect): string {
  return choice === undefined ? `without ${[without].flat().join(' or ')}` : `with ${choice}`;
}

/** A variable and the value that a choice gives it. */
function partsOf(choice: string): [name: string, value: string | undefined] {
  const [name = '', value] = choice.split('=');
  return [name, value];
}
