import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { AccountDetailsService } from './account-details.service.js';
import { AdminAccountsService } from './admin-accounts.service.js';
import { AdminRightsService } from './admin-rights.service.js';
import { AdminController } from './admin.controller.js';
import { AdminsRepository } from './admins.repository.js';
import { AdministratorsService } from './administrators.service.js';

/** The actions of administrators, and the creation of the first administrator. */
@Module({
  imports: [AccountsModule, AuthModule, DevicesModule],
  controllers: [AdminController],
  providers: [AccountDetailsService, AdminAccountsService, AdminRightsService, AdministratorsService, AdminsRepository],
  exports: [AccountDetailsService, AdminAccountsService, AdminRightsService, AdministratorsService],
})
export class AdminModule {}
