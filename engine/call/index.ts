export { createBaileysTransport, type CallSocket } from './baileysTransport';
export type { ConnectMedia, MediaAction, MediaEvent } from './callDriver';
export type { CallLogger } from './callLogger';
export { DEFAULT_CALLS_PER_DAY, DEFAULT_PAUSE_MS } from './callQueue';
export type { CallStore } from './callStore';
export type { CallTransport } from './callTransport';
export type { CallRequest } from './placeCall';
export { SessionCalls, type PlaceOptions, type SessionCallsOptions } from './sessionCalls';
