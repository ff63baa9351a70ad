import { Module } from '@nestjs/common';
import { AccountLookup } from './account-lookup.service.js';

/** Finding accounts, apart from changing them: authentication needs no more, and accounts need authentication. */
@Module({ providers: [AccountLookup], exports: [AccountLookup] })
export class AccountLookupModule {}
