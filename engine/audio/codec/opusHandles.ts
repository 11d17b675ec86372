import type { LibopusModule } from './libopusModule';
import { MAX_PACKET_MS } from './opusPacket';

export type OpusApplication = 'restrictedLowDelay' | 'voip';

export interface OpusEncoderSettings {
	application: OpusApplication;
	/** 8000, 12000, 16000, 24000 or 48000; mono. */
	sampleRateHz: number;
	/** What a packet holds: 2.5, 5, 10, 20, 40 or 60 ms, in samples. */
	samplesPerPacket: number;
	/** Bit rate aimed at, in bit/s; the sizes of the packets vary. */
	bitRate: number;
	/** 0 (fast) to 10 (best). */
	complexity: number;
	/** Discontinuous transmission: silence becomes packets of one or two bytes, and nothing else does. */
	dtx: boolean;
	maxPacketBytes: number;
}

/** An encoder that makes wideband (8 kHz of audio) packets without in-band error correction. */
export interface OpusEncoder {
	/** How much later the sound comes out of a decoder: samples at the encoder's rate. */
	readonly lookaheadSamples: number;
	/** @throws RangeError when `pcm` is not of `samplesPerPacket` samples */
	encode(pcm: Int16Array): Uint8Array;
	/** Back to the state at creation: the same input then gives the same packets. */
	reset(): void;
	/** May be called twice. */
	close(): void;
}

export interface OpusDecoder {
	/**
	 * @param packet of at least one byte
	 * @returns interleaved samples, as many as the packet holds
	 * @throws Error when it is not an Opus packet
	 */
	decode(packet: Uint8Array): Int16Array;
	/** As decode(), with samples from -1 to 1. */
	decodeFloat(packet: Uint8Array): Float32Array;
	/** Makes up what a lost packet may have held. @param samples of each channel, n x 2.5 ms */
	conceal(samples: number): Int16Array;
	/** May be called twice. */
	close(): void;
}

/** The requests of opus_defines.h. */
const APPLICATIONS: Record<OpusApplication, number> = { voip: 2048, restrictedLowDelay: 2051 };
const SET_BIT_RATE = 4002;
const SET_MAX_BANDWIDTH = 4004;
const SET_BANDWIDTH = 4008;
const SET_COMPLEXITY = 4010;
const SET_IN_BAND_FEC = 4012;
const SET_DTX = 4016;
const SET_SIGNAL = 4024;
const WIDEBAND = 1103;
const SIGNAL_VOICE = 3001;

/**
 * What lasts and is no voice, a tone or music, is no speech to SILK, which would leave it out as it
 * does noise: below this, and only there, it may. -60 dBFS.
 */
const SILENCE_PEAK = 33;

/** The longest that RFC 6716 allows: 48 frames with their lengths, 120 ms. */
const MAX_DECODED_PACKET_BYTES = 61_440;
const USUAL_PACKET_BYTES = 1500;

export function createOpusEncoder(
	module: LibopusModule,
	settings: OpusEncoderSettings,
): OpusEncoder {
	const { dtx, samplesPerPacket, maxPacketBytes } = settings;
	const pcmBytes = samplesPerPacket * Int16Array.BYTES_PER_ELEMENT;
	let state = openEncoder(module, settings);
	let fresh = true;
	let scratch: number;
	try {
		scratch = allocate(module, pcmBytes + maxPacketBytes);
	} catch (error) {
		module._oc_destroy_encoder(state);
		throw error;
	}
	return {
		lookaheadSamples: module._oc_encoder_ctl_get_lookahead(state),
		encode(pcm) {
			assertOpen(state);
			if (pcm.length !== samplesPerPacket) {
				throw new RangeError(`A packet holds ${samplesPerPacket} samples, not ${pcm.length}`);
			}
			fresh = false;
			if (dtx) {
				check(module, module._oc_encoder_ctl(state, SET_DTX, isSilent(pcm) ? 1 : 0));
			}
			const packet = scratch + pcmBytes;
			module.HEAP16.set(pcm, scratch / Int16Array.BYTES_PER_ELEMENT);
			const size = module._oc_encode(state, scratch, samplesPerPacket, packet, maxPacketBytes);
			check(module, size);
			return module.HEAPU8.slice(packet, packet + size);
		},
		reset() {
			assertOpen(state);
			if (fresh) {
				return;
			}
			// libopus-wasm's build has no OPUS_RESET_STATE: a new encoder takes the place of the old.
			const next = openEncoder(module, settings);
			module._oc_destroy_encoder(state);
			state = next;
			fresh = true;
		},
		close() {
			if (state !== 0) {
				module._oc_destroy_encoder(state);
				module._free(scratch);
				state = 0;
			}
		},
	};
}

export function createOpusDecoder(
	module: LibopusModule,
	sampleRateHz: number,
	channels: 1 | 2,
): OpusDecoder {
	const maxSamples = (sampleRateHz / 1000) * MAX_PACKET_MS;
	let state = open(module, (error) => module._oc_create_decoder(sampleRateHz, channels, error));
	let pcm = 0;
	let packetBytes = USUAL_PACKET_BYTES;
	let packetScratch = 0;
	const close = () => {
		if (state !== 0) {
			module._oc_destroy_decoder(state);
			module._free(pcm);
			module._free(packetScratch);
			state = 0;
		}
	};
	try {
		pcm = allocate(module, maxSamples * channels * Float32Array.BYTES_PER_ELEMENT);
		packetScratch = allocate(module, packetBytes);
	} catch (error) {
		close();
		throw error;
	}
	const put = (packet: Uint8Array) => {
		assertOpen(state);
		if (packet.length === 0 || packet.length > MAX_DECODED_PACKET_BYTES) {
			throw new Error(`${packet.length} bytes are not an Opus packet`);
		}
		if (packet.length > packetBytes) {
			const larger = allocate(module, packet.length);
			module._free(packetScratch);
			packetScratch = larger;
			packetBytes = packet.length;
		}
		module.HEAPU8.set(packet, packetScratch);
	};
	/** @param first of the output, counted in samples */
	const outputEnd = (first: number, samples: number) => {
		check(module, samples);
		return first + samples * channels;
	};
	return {
		decode(packet) {
			put(packet);
			const samples = module._oc_decode(state, packetScratch, packet.length, pcm, maxSamples, 0);
			const first = pcm / Int16Array.BYTES_PER_ELEMENT;
			return module.HEAP16.slice(first, outputEnd(first, samples));
		},
		decodeFloat(packet) {
			put(packet);
			const samples = module._oc_decode_float(
				state,
				packetScratch,
				packet.length,
				pcm,
				maxSamples,
				0,
			);
			const first = pcm / Float32Array.BYTES_PER_ELEMENT;
			return module.HEAPF32.slice(first, outputEnd(first, samples));
		},
		conceal(samples) {
			assertOpen(state);
			if (samples > maxSamples) {
				throw new RangeError(`At most ${maxSamples} samples are made up at once`);
			}
			const made = module._oc_decode(state, 0, 0, pcm, samples, 0);
			const first = pcm / Int16Array.BYTES_PER_ELEMENT;
			return module.HEAP16.slice(first, outputEnd(first, made));
		},
		close,
	};
}

function openEncoder(module: LibopusModule, settings: OpusEncoderSettings): number {
	const state = open(module, (error) =>
		module._oc_create_encoder(settings.sampleRateHz, 1, APPLICATIONS[settings.application], error),
	);
	try {
		for (const [request, value] of [
			[SET_BIT_RATE, settings.bitRate],
			[SET_COMPLEXITY, settings.complexity],
			[SET_DTX, settings.dtx ? 1 : 0],
			[SET_IN_BAND_FEC, 0],
			// Said explicitly, so that neither music nor a low voice makes libopus leave wideband SILK.
			[SET_MAX_BANDWIDTH, WIDEBAND],
			[SET_BANDWIDTH, WIDEBAND],
			[SET_SIGNAL, SIGNAL_VOICE],
		] as const) {
			check(module, module._oc_encoder_ctl(state, request, value));
		}
	} catch (error) {
		module._oc_destroy_encoder(state);
		throw error;
	}
	return state;
}

function isSilent(pcm: Int16Array): boolean {
	return pcm.every((sample) => Math.abs(sample) <= SILENCE_PEAK);
}

function open(module: LibopusModule, create: (errorPointer: number) => number): number {
	const errorPointer = allocate(module, Int32Array.BYTES_PER_ELEMENT);
	try {
		const state = create(errorPointer);
		check(module, module.HEAP32[errorPointer / Int32Array.BYTES_PER_ELEMENT] ?? 0);
		if (state === 0) {
			throw new Error('The memory of libopus is used up');
		}
		return state;
	} finally {
		module._free(errorPointer);
	}
}

function allocate(module: LibopusModule, bytes: number): number {
	const pointer = module._malloc(bytes);
	if (pointer === 0) {
		throw new Error('The memory of libopus is used up');
	}
	return pointer;
}

function check(module: LibopusModule, result: number): void {
	if (result < 0) {
		throw new Error(`libopus refused: ${module.UTF8ToString(module._oc_strerror(result))}`);
	}
}

function assertOpen(state: number): void {
	if (state === 0) {
		throw new Error('This encoder or decoder is closed');
	}
}
