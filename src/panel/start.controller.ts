import { Controller, Get } from '@nestjs/common';
import { WithoutDatabase } from '../http/database-ready.guard.js';
import { PanelPages } from './panel-page.decorator.js';
import { type View, view } from './view.js';
import { StartPage } from './views/start.js';

/** What a browser finds at the address of the service itself. */
@WithoutDatabase()
@PanelPages('anybody')
@Controller()
export class StartController {
  @Get()
  show(): View {
    return view(StartPage, {});
  }
}
