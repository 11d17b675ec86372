import { OggWriter } from './ogg';
import { GRANULE_RATE_HZ, writeOpusHead, writeOpusTags } from './opusHeaders';

/** RFC 7845 section 6: a page should not hold more than a second, so that players can seek. */
const MAX_PAGE_GRANULES = GRANULE_RATE_HZ;

export interface OggOpusOptions {
	/** Of the Ogg stream, 0 to 2^32 - 1. */
	serial: number;
	/** Granules (samples at 48 kHz) to drop at the start. */
	preSkip: number;
	/** Of the original recording; players decode at any rate they like. */
	inputSampleRateHz: number;
}

/** A mono Ogg/Opus file (RFC 7845) that grows packet by packet. */
export class OggOpusFile {
	/** Of the packets so far. */
	granules = 0;
	private readonly ogg: OggWriter;
	private granulesOnPage = 0;

	constructor({ serial, preSkip, inputSampleRateHz }: OggOpusOptions) {
		this.ogg = new OggWriter(serial);
		for (const header of [
			writeOpusHead({ channels: 1, preSkip, inputSampleRateHz }),
			writeOpusTags(),
		]) {
			this.ogg.add(header, 0n);
			this.ogg.endPage();
		}
	}

	/**
	 * @param packet kept as it is until its page is full, a second at most
	 * @param granules what it decodes to
	 */
	add(packet: Uint8Array, granules: number): void {
		if (this.granulesOnPage + granules > MAX_PAGE_GRANULES) {
			this.ogg.endPage();
			this.granulesOnPage = 0;
		}
		this.granules += granules;
		this.granulesOnPage += granules;
		this.ogg.add(packet, BigInt(this.granules));
	}

	/**
	 * @param granules where the sound ends, pre-skip included: what is behind it in the last packet
	 * is not played (RFC 7845 section 4.4)
	 * @returns the whole file
	 */
	finish(granules: number): Uint8Array {
		return this.ogg.finish(BigInt(granules));
	}
}
