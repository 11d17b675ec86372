import { CallScripts } from './callScripts';
import { EventChannels } from './channels';
import { Digests } from './digests';
import { FaultQueue } from './faults';
import { Instances } from './instances';
import { RateLimiter } from './rateLimit';
import type {
	ContractServerOptions,
	PlacedCall,
	ReceivedRequest,
	SentVoiceNote,
	VoiceAccount,
} from './types';

const REQUESTS_PER_MINUTE = 100;
const CREATIONS_PER_MINUTE = 20;

/** Everything one contract server knows. */
export class ContractState {
	readonly requests: ReceivedRequest[] = [];
	readonly webSocketUpgrades: ReceivedRequest[] = [];
	readonly calls: PlacedCall[] = [];
	readonly voiceNotes: SentVoiceNote[] = [];
	readonly faults = new FaultQueue();
	readonly channels = new EventChannels();
	readonly scripts = new CallScripts(this.channels);
	readonly digests = new Digests();
	readonly webhooks = new Map<string, Map<string, { enabled: boolean }>>();
	readonly instances: Instances;
	readonly voiceAccounts: readonly VoiceAccount[];
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	readonly requestsPerMinute: number;
	/** Of all routes but the next one's. */
	readonly requestLimit: RateLimiter;
	/** Of creating instances. */
	readonly creationLimit: RateLimiter;

	constructor(options: ContractServerOptions) {
		this.now = options.now ?? Date.now;
		this.requestsPerMinute = options.requestsPerMinute ?? REQUESTS_PER_MINUTE;
		this.requestLimit = new RateLimiter(this.requestsPerMinute, this.now);
		this.creationLimit = new RateLimiter(CREATIONS_PER_MINUTE, this.now);
		this.instances = new Instances(
			options.accountToken ?? 'account-token',
			options.instances ?? [{ name: 'main', token: 'instance-token' }],
		);
		this.voiceAccounts = options.voiceAccounts ?? [
			{ instanceId: 'WAWP1', accessToken: 'wawp-token' },
		];
	}

	reset(): void {
		for (const list of [this.requests, this.webSocketUpgrades, this.calls, this.voiceNotes]) {
			list.length = 0;
		}
		this.faults.clear();
		this.scripts.reset();
		this.channels.reset();
		this.digests.clear();
		this.webhooks.clear();
		this.requestLimit.clear();
		this.creationLimit.clear();
		this.instances.restore();
	}
}
