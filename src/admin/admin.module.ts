import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { AccountEditsService } from './account-edits.service.js';
import { AccountSearchController } from './account-search.controller.js';
import { AccountStatesController } from './account-states.controller.js';
import { AccountDevicesController } from './account-devices.controller.js';
import { AccountDetailsService } from './account-details.service.js';
import { AdminAccountsService } from './admin-accounts.service.js';
import { AdminRightsService } from './admin-rights.service.js';
import { AdminController } from './admin.controller.js';
import { AdminsRepository } from './admins.repository.js';
import { AdministratorsService } from './administrators.service.js';
import { BlockingService } from './blocking.service.js';

/** The actions of administrators, and the creation of the first administrator. */
@Module({
  imports: [AccountsModule, AuthModule, DevicesModule],
  controllers: [AdminController, AccountStatesController, AccountDevicesController, AccountSearchController],
  providers: [
    AccountDetailsService,
    AccountEditsService,
    AdminAccountsService,
    AdminRightsService,
    AdministratorsService,
    AdminsRepository,
    BlockingService,
  ],
  exports: [
    AccountDetailsService,
    AccountEditsService,
    AdminAccountsService,
    AdminRightsService,
    AdministratorsService,
    BlockingService,
  ],
})
export class AdminModule {}
