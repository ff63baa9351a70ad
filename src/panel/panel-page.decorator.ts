import { applyDecorators, HttpCode, Post, Redirect, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { ComponentType } from 'preact';
import { PageAccess, type Who } from '../auth/decorators/access.decorator.js';
import { ReadsBody } from '../http/bodies/body-rules.js';
import { FORM_PAGE, WITHOUT_TOKEN } from './form-refused.js';
import { PageInterceptor } from './page.interceptor.js';

/**
 * Declares a controller of pages. It returns HTML and reads forms.
 *
 * @param who must have signed in.
 */
export const PanelPages = (who: Who) =>
  applyDecorators(PageAccess(who), ApiExcludeController(), ReadsBody('form'), UseInterceptors(PageInterceptor));

/**
 * Declares a route for a form. After success it redirects to another page.
 *
 * @param page has the form, and shows it again with the problems; without it the problems get their own page.
 */
export const TakesForm = (path?: string, page?: ComponentType<object>) =>
  applyDecorators(Post(path), Redirect('', 303), SetMetadata(FORM_PAGE, page));

/** Declares a route for a form that responds with a page itself. */
export const TakesFormAndShows = (path?: string) => applyDecorators(Post(path), HttpCode(200));

/** Declares a route whose form needs no token, because it has another proof that it comes from this service. */
export const WithoutFormToken = () => SetMetadata(WITHOUT_TOKEN, true);
