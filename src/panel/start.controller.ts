import { Controller, Get } from '@nestjs/common';
import { WithoutDatabase } from '../http/database-ready.guard.js';
import { PanelPages } from './panel-page.decorator.js';
import { type View, view } from './view.js';
import { StartPage } from './views/start.js';

/** The page at the root path of the service. */
@WithoutDatabase()
@PanelPages('anybody')
@Controller()
export class StartController {
  @Get()
  show(): View {
    return view(StartPage, {});
  }
}
