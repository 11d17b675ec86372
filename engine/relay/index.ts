export type { Channel, ChannelEvents, Dial, DialTarget, IceCredentials, RelayEnd } from './channel';
export { type MessageKind, classifyMessage } from './demux';
export {
	type CancelTimer,
	type MediaClock,
	type RandomBytes,
	systemMediaClock,
} from './mediaClock';
export { RelayPool, type RelayPoolEvents, type RelayPoolOptions } from './relayPool';
export type { RelayBlock, RelayEndpoint } from './types';
export { preloadChannel } from './werift/preload';
