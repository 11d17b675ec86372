export type { WASocket } from './baileysTypes';
export { baileysPort, type BaileysPortOptions } from './baileysPort';
export type { Closing } from './closing';
export { dataFolder, type FolderEnvironment } from './folders';
export { SessionPool, sessionPool } from './pool';
export { KEEP_WARM_MS, Session, type Lease } from './session';
export { requireSessionName } from './sessionNames';
export type * from './sessionTypes';
