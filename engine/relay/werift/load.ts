import type { RTCCertificate } from 'werift';

/** The library as `await import()` gives it. */
export type Werift = typeof import('werift');

export interface LoadedWerift {
	werift: Werift;
	/** Ours: self-signed, ECDSA on P-256, the same for every relay. */
	certificate: RTCCertificate;
}

let loaded: Promise<LoadedWerift> | undefined;

/** Once per thread: it takes an eighth of a second. */
export function loadWerift(): Promise<LoadedWerift> {
	loaded ??= load().catch((error: unknown) => {
		loaded = undefined;
		throw error;
	});
	return loaded;
}

async function load(): Promise<LoadedWerift> {
	const werift = await import('werift');
	return { werift, certificate: await werift.RTCDtlsTransport.SetupCertificate() };
}
