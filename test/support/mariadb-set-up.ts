import { setUp } from './project-server';

export default (): Promise<void> => setUp('mariadb');
