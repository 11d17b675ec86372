import type { RelayEndpoint, RelayPool, RelayPoolOptions } from '../relay';

/** What a call uses of its relays; RelayPool is the real one. */
export type RelayLink = Pick<RelayPool, 'add' | 'close' | 'delivered' | 'send' | 'start'>;

/** Nothing is dialled before the link's start(). */
export type OpenRelays = (options: RelayPoolOptions) => RelayLink;

export type { RelayEndpoint };
