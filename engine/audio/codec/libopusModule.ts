/**
 * What is used of libopus-wasm's compiled module. Pointers are byte offsets into its memory; the
 * views are replaced whenever that memory grows, so they are read anew at every use.
 */
export interface LibopusModule {
	HEAP16: Int16Array;
	HEAP32: Int32Array;
	HEAPF32: Float32Array;
	HEAPU8: Uint8Array;
	UTF8ToString(pointer: number): string;
	/** @returns 0 when the memory is used up */
	_malloc(bytes: number): number;
	_free(pointer: number): void;
	_oc_create_decoder(sampleRateHz: number, channels: number, error: number): number;
	_oc_create_encoder(
		sampleRateHz: number,
		channels: number,
		application: number,
		error: number,
	): number;
	/** @returns samples of each channel, or an error below 0 */
	_oc_decode(
		decoder: number,
		packet: number,
		packetBytes: number,
		pcm: number,
		maxSamples: number,
		forwardErrorCorrection: number,
	): number;
	_oc_decode_float: LibopusModule['_oc_decode'];
	_oc_destroy_decoder(decoder: number): void;
	_oc_destroy_encoder(encoder: number): void;
	/** @returns bytes of the packet, or an error below 0 */
	_oc_encode(
		encoder: number,
		pcm: number,
		samples: number,
		packet: number,
		maxPacketBytes: number,
	): number;
	_oc_encoder_ctl(encoder: number, request: number, value: number): number;
	_oc_encoder_ctl_get_lookahead(encoder: number): number;
	_oc_get_version_string(): number;
	_oc_strerror(error: number): number;
}

const FUNCTIONS: ReadonlyArray<keyof LibopusModule> = [
	'UTF8ToString',
	'_free',
	'_malloc',
	'_oc_create_decoder',
	'_oc_create_encoder',
	'_oc_decode',
	'_oc_decode_float',
	'_oc_destroy_decoder',
	'_oc_destroy_encoder',
	'_oc_encode',
	'_oc_encoder_ctl',
	'_oc_encoder_ctl_get_lookahead',
	'_oc_get_version_string',
	'_oc_strerror',
];

export function isLibopusModule(value: unknown): value is LibopusModule {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	const module = value as Partial<Record<keyof LibopusModule, unknown>>;
	return (
		module.HEAP16 instanceof Int16Array &&
		module.HEAP32 instanceof Int32Array &&
		module.HEAPF32 instanceof Float32Array &&
		module.HEAPU8 instanceof Uint8Array &&
		FUNCTIONS.every((name) => typeof module[name] === 'function')
	);
}
