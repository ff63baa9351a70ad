import type { AppError } from '../common/errors/app-error.js';
import type { View } from './view.js';

/** Metadata: the page with the form of the route. */
export const FORM_PAGE = 'panel:form page';
/** Metadata: the forms of the route have no token. */
export const WITHOUT_TOKEN = 'panel:without token';

/** A form was rejected. Its page is shown again with the reason. */
export class FormRefused extends Error {
  constructor(
    readonly page: View,
    readonly reason: AppError,
  ) {
    super(reason.message, { cause: reason });
  }
}
