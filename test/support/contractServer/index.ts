import { openContractServer } from './server';
import type { ContractServer, ContractServerOptions } from './types';

export type * from './types';
export { selfSignedCertificate } from './selfSignedCertificate';

/**
 * Plays a RyzeAPI server and the Voice API as their contracts describe them, and refuses whatever
 * these do not allow.
 */
export function startContractServer(options: ContractServerOptions = {}): Promise<ContractServer> {
	return openContractServer(options);
}

/**
 * The envelope of a `call.update` event in RyzeAPI's contract. It carries the instance's token, as
 * the real one does, so that a test sees where the secret gets to.
 */
export function callUpdate(instance: string, data: Record<string, unknown>): unknown {
	return {
		event: 'call.update',
		data,
		instanceData: { baseUrl: 'https://ryzeapi.test', instance, token: 'instance-token' },
	};
}
