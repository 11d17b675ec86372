/** MLow, the speech codec that phones use in calls: 60 ms at 16 kHz mono, high rate. */
export { MlowDecoder } from './decoder/mlowDecoder';
export { MlowEncoder } from './encoder/mlowEncoder';
export { unwrapRedundancy } from './redundancy';
export type { Redundancy } from './redundancy';
