import { CreateFlexisipTables1767225600000 } from './1767225600000-create-flexisip-tables.js';
import { UniqueAccountNames1767225601000 } from './1767225601000-unique-account-names.js';
import { UniquePasswordAlgorithms1767225602000 } from './1767225602000-unique-password-algorithms.js';
import { UniqueAliases1767225603000 } from './1767225603000-unique-aliases.js';
import { UniqueAdmins1767225604000 } from './1767225604000-unique-admins.js';
import { NonceWindow1767225605000 } from './1767225605000-nonce-window.js';
import { AccountPhone1767225606000 } from './1767225606000-account-phone.js';
import { PanelSessions1767225607000 } from './1767225607000-panel-sessions.js';
import { LookupIndexes1767225609000 } from './1767225609000-lookup-indexes.js';
import { DeliveryClaims1767225610000 } from './1767225610000-delivery-claims.js';
import { ClusterLocks1767225611000 } from './1767225611000-cluster-locks.js';
import { Jobs1767225612000 } from './1767225612000-jobs.js';
import { AccountMembers1767225613000 } from './1767225613000-account-members.js';
import { CreationTokens1767225614000 } from './1767225614000-creation-tokens.js';
import { PhoneCodeTries1767225615000 } from './1767225615000-phone-code-tries.js';
import { EmailCodes1767225616000 } from './1767225616000-email-codes.js';
import { AccountEmails1767225621000 } from './1767225621000-account-emails.js';
import { OneTimeTokens1767225617000 } from './1767225617000-one-time-tokens.js';
import { CleaningIndexes1767225620000 } from './1767225620000-cleaning-indexes.js';

/** All migrations, oldest first. A released migration is never edited. */
export const migrations = [
  CreateFlexisipTables1767225600000,
  UniqueAccountNames1767225601000,
  UniquePasswordAlgorithms1767225602000,
  UniqueAliases1767225603000,
  UniqueAdmins1767225604000,
  NonceWindow1767225605000,
  AccountPhone1767225606000,
  PanelSessions1767225607000,
  LookupIndexes1767225609000,
  DeliveryClaims1767225610000,
  ClusterLocks1767225611000,
  Jobs1767225612000,
  AccountMembers1767225613000,
  CreationTokens1767225614000,
  PhoneCodeTries1767225615000,
  EmailCodes1767225616000,
  OneTimeTokens1767225617000,
  CleaningIndexes1767225620000,
  AccountEmails1767225621000,
];
