import { Module } from '@nestjs/common';
import { AccountCount } from './account-count.service.js';
import { AccountLookup } from './account-lookup.service.js';

/** Finding accounts, apart from changing them: authentication needs no more, and accounts need authentication. */
@Module({ providers: [AccountLookup, AccountCount], exports: [AccountLookup, AccountCount] })
export class AccountLookupModule {}
