import { Module } from '@nestjs/common';
import { AccountCensus } from './account-census.service.js';
import { AccountLookup } from './account-lookup.service.js';

/** Finding accounts, apart from changing them: authentication needs no more, and accounts need authentication. */
@Module({ providers: [AccountLookup, AccountCensus], exports: [AccountLookup, AccountCensus] })
export class AccountLookupModule {}
