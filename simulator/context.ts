import type { ChatBook } from './chats/chatBook';
import type { Codecs } from './codecs';
import type { Directory } from './directory';
import type { FaultLog } from './faults';
import type { LinkedDevice } from './linkedDevice';
import type { Relays } from './relay/relays';
import type { TokenBook } from './services/tokens';
import type { Settings } from './settings';
import type { MediaHost } from './voice/mediaHost';

/** What every part of one network shares. */
export interface NetworkContext {
	readonly codecs: Codecs;
	readonly faults: FaultLog;
	readonly directory: Directory;
	readonly settings: Settings;
	readonly tokens: TokenBook;
	readonly relays: Relays;
	/** Where the files of messages lie. */
	readonly media: MediaHost;
	/** Groups and channels. */
	readonly chats: ChatBook;
	/** Devices played by real clients. */
	readonly linked: Set<LinkedDevice>;
	/** Devices (`number:id`) that were linked once. */
	readonly removed: Set<string>;
	/** Whether the network was closed. */
	readonly ended: boolean;
	/** A fresh id for a stanza of the server. */
	nextId(): string;
	/** Runs a task after so many script seconds; gone when the network closes. Answers how to cancel. */
	after(seconds: number, task: () => void): () => void;
}
