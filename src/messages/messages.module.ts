import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { Templates } from './templates.js';

/** Templates of mails and SMS. */
@Module({
  providers: [
    { provide: Templates, useFactory: ({ messages }: Settings) => new Templates(messages.folder), inject: [Settings] },
  ],
  exports: [Templates],
})
export class MessagesModule {}
