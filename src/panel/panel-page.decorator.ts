import { applyDecorators, HttpCode, Post, Redirect, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { ComponentType } from 'preact';
import { PageAccess, type Who } from '../auth/decorators/access.decorator.js';
import { ReadsForms } from '../http/bodies/body-rules.js';
import { FORM_PAGE, WITHOUT_TOKEN } from './form-refused.js';
import { PageInterceptor } from './page.interceptor.js';

/**
 * A controller of pages. It shows what its routes return in HTML, and reads forms.
 *
 * @param who must have signed in.
 */
export const PanelPages = (who: Who) =>
  applyDecorators(PageAccess(who), ApiExcludeController(), ReadsForms(), UseInterceptors(PageInterceptor));

/**
 * A route that a form is sent to, which leads on to another page when all went well.
 *
 * @param page has the form, and shows it again with what was wrong; without one that is told on a page of its own.
 */
export const TakesForm = (path?: string, page?: ComponentType<object>) =>
  applyDecorators(Post(path), Redirect('', 303), SetMetadata(FORM_PAGE, page));

/** A route that a form is sent to, and that shows a page itself. */
export const TakesFormAndShows = (path?: string) => applyDecorators(Post(path), HttpCode(200));

/** The form of this route proves by something else that it comes from a page of ours. */
export const WithoutFormToken = () => SetMetadata(WITHOUT_TOKEN, true);
