import type { PacingReport } from './lateness';
import type { MediaAnswer, MediaRequest } from './messages';

/** Main thread to media thread: what is about calls, and what is about the thread itself. */
export type ThreadRequest = MediaRequest | { type: 'reportPacing'; id: number };

/** Media thread to main thread. */
export type ThreadAnswer = MediaAnswer | { type: 'pacing'; id: number; report: PacingReport };
