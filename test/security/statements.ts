import { DataSource } from 'typeorm';
import { WRITER } from '../../src/database/transactions.js';
import type { Api } from '../support/api.js';

/** A statement as it was passed to the driver. */
export interface Statement {
  readonly text: string;
  readonly parameters: unknown[];
}

/** Runs some work. Returns its result and every statement that the service ran meanwhile. */
export async function withStatements<T>(
  api: Api,
  work: () => Promise<T>,
): Promise<{ result: T; statements: Statement[] }> {
  const statements: Statement[] = [];
  const dataSources = new Set<DataSource>([api.app.get<DataSource>(WRITER), api.app.get(DataSource)]);
  const spies = [...dataSources].map(({ logger }) =>
    jest
      .spyOn(logger, 'logQuery')
      .mockImplementation(
        (text, parameters) => void statements.push({ text, parameters: Array.isArray(parameters) ? parameters : [] }),
      ),
  );
  try {
    return { result: await work(), statements };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
