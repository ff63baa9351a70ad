import { writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Command, Option } from 'nest-commander';
import { AppModule } from '../app/app.module.js';
import { createAdapter } from '../app/app.setup.js';
import { withInheritedUmask } from '../common/private-files.js';
import { loadSettings } from '../config/load-settings.js';
import { createDocument } from '../openapi/docs.js';
import { CommandRefused } from './command-refused.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

/** The server URL in the published document. Each installation serves the document with its own URL. */
const EXAMPLE_URL = 'https://sip.example.org/flexiapi';

/** Writes the OpenAPI document from the code alone, without settings or a database. */
@Command({ name: 'openapi', description: 'Write the OpenAPI document of the API' })
export class OpenApiCommand extends ReportingCommand {
  async run(_arguments: string[], options: ReportOptions & { output?: string }): Promise<void> {
    const settings = loadSettings({ APP_URL: EXAMPLE_URL, APP_KEY: 'x'.repeat(32) });
    // In preview mode Nest reads the modules and creates nothing in them.
    const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(settings), createAdapter(settings), {
      // Nest would only log that it runs in preview mode.
      logger: false,
      preview: true,
      abortOnError: false,
    });
    const text = `${JSON.stringify(createDocument(app, settings), null, 2)}\n`;
    const { output } = options;
    // The document is JSON with or without `--json`.
    if (output === undefined) process.stdout.write(text);
    else this.write(output, text, options);
  }

  @Option({ flags: '-o, --output <file>', description: 'file to write; default: standard output' })
  parseOutput(value: string): string {
    return value;
  }

  private write(output: string, text: string, options: ReportOptions): void {
    try {
      withInheritedUmask(() => writeFileSync(output, text));
    } catch (error) {
      throw new CommandRefused(`The document cannot be written: ${(error as Error).message}`);
    }
    if (options.json) this.report([], { output }, options);
  }
}
