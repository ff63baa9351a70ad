import { Module } from '@nestjs/common';
import { AccountCount } from './account-count.service.js';
import { AccountLookup } from './account-lookup.service.js';

/**
 * Reads accounts. Separate from the module that changes them, because authentication needs to read accounts and the
 * accounts module needs authentication.
 */
@Module({ providers: [AccountLookup, AccountCount], exports: [AccountLookup, AccountCount] })
export class AccountLookupModule {}
