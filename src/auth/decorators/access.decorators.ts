import { applyDecorators, SetMetadata } from '@nestjs/common';

export const PUBLIC = 'access:public';
export const ADMIN_ONLY = 'access:admin';
export const SIGNED_IN = 'access:signed-in';

/** Opens a route to everybody. Without it, a caller must be authenticated and activated. */
export const Public = () => applyDecorators(SetMetadata(PUBLIC, true));

/** Makes a route a page: its caller has signed in to the panel, and no other credentials count. */
export const SignedIn = () => applyDecorators(SetMetadata(SIGNED_IN, true));

/** Closes a route to all but administrators. */
export const AdminOnly = () => applyDecorators(SetMetadata(ADMIN_ONLY, true));
