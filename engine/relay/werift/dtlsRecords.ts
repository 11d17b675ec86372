/** Content types of DTLS 1.2 records (RFC 6347, section 4.1; RFC 5246, section 6.2.1). */
export const ContentType = {
	changeCipherSpec: 20,
	alert: 21,
	handshake: 22,
	applicationData: 23,
} as const;

export const RECORD_HEADER_BYTES = 13;

/** One record; `bytes` and `fragment` are views of the datagram. */
export interface DtlsRecord {
	contentType: number;
	/** 0 is not encrypted. */
	epoch: number;
	/** Header and fragment. */
	bytes: Buffer;
	fragment: Buffer;
}

/** The complete records of a datagram; what is behind them is dropped. Never throws. */
export function* recordsOf(datagram: Buffer): Generator<DtlsRecord> {
	let start = 0;
	while (start + RECORD_HEADER_BYTES <= datagram.length) {
		const end = start + RECORD_HEADER_BYTES + datagram.readUInt16BE(start + 11);
		if (end > datagram.length) {
			return;
		}
		yield {
			contentType: datagram.readUInt8(start),
			epoch: datagram.readUInt16BE(start + 3),
			bytes: datagram.subarray(start, end),
			fragment: datagram.subarray(start + RECORD_HEADER_BYTES, end),
		};
		start = end;
	}
}
