export { shareFrames } from './frames';
export type { PacingReport } from './lateness';
export { type MediaHandle, MediaThread } from './mediaThread';
export type * from './messages';
