import type { AppError } from '../common/errors/app-error.js';
import type { View } from './view.js';

/** Metadata: the page that has the form which a route is for. */
export const FORM_PAGE = 'panel:form page';
/** Metadata: the forms of the route carry no token. */
export const WITHOUT_TOKEN = 'panel:without token';

/** A form was not taken: the page that has it is shown again, with what was wrong. */
export class FormRefused extends Error {
  constructor(
    readonly page: View,
    readonly reason: AppError,
  ) {
    super(reason.message, { cause: reason });
  }
}
