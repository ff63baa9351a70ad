export { tearDown as default } from './project-server';
