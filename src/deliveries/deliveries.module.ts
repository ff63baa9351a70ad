import { Global, Module } from '@nestjs/common';
import { ClaimPurgeService } from './claim-purge.service.js';
import { Claims } from './claims.service.js';
import { Deliveries } from './deliveries.service.js';

/** Messages that must be delivered before a change is stored. */
@Global()
@Module({ providers: [Claims, ClaimPurgeService, Deliveries], exports: [Claims, Deliveries] })
export class DeliveriesModule {}
