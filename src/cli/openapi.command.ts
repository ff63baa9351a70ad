import { writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Command, CommandRunner, Option } from 'nest-commander';
import { AppModule } from '../app.module.js';
import { createAdapter } from '../app.setup.js';
import { loadSettings } from '../config/load-settings.js';
import { createDocument } from '../openapi/docs.js';

/** Where the published document says the service is; each installation serves it with its own URL. */
const EXAMPLE_URL = 'https://sip.example.org/flexiapi';

/** Writes the OpenAPI document, from the code alone: neither settings nor a database are needed. */
@Command({ name: 'openapi', description: 'Write the OpenAPI document of the API' })
export class OpenApiCommand extends CommandRunner {
  async run(_arguments: string[], { output }: { output?: string }): Promise<void> {
    const settings = loadSettings({ APP_URL: EXAMPLE_URL, APP_KEY: 'x'.repeat(32) });
    // Preview: the modules are read, and nothing in them is created.
    const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(settings), createAdapter(settings), {
      logger: ['error'],
      preview: true,
      abortOnError: false,
    });
    app.setGlobalPrefix('api');
    const text = `${JSON.stringify(createDocument(app, settings.publicUrl), null, 2)}\n`;
    if (output) writeFileSync(output, text);
    else process.stdout.write(text);
  }

  @Option({ flags: '-o, --output <file>', description: 'file to write, default standard output' })
  parseOutput(value: string): string {
    return value;
  }
}
