import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { AdminAccountsService } from './admin-accounts.service.js';
import { AdminController } from './admin.controller.js';
import { AdministratorsService } from './administrators.service.js';

/** What administrators do, and how the first of them comes to be. */
@Module({
  imports: [AccountsModule, AuthModule, DevicesModule],
  controllers: [AdminController],
  providers: [AdminAccountsService, AdministratorsService],
  exports: [AdminAccountsService, AdministratorsService],
})
export class AdminModule {}
