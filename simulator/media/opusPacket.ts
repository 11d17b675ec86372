/** Milliseconds of one frame, by configuration (RFC 6716, section 3.1, table 2). */
const SILK_MS = [10, 20, 40, 60];
const HYBRID_MS = [10, 20];
const CELT_MS = [2.5, 5, 10, 20];
const MAX_PACKET_MS = 120;
const MAX_FRAME_BYTES = 1275;
/** MLow's comfort noise, which stands for a silent packet (page 05 section 3, escape). */
const COMFORT_NOISE = 0x90;
const CELT_SILENCE = Buffer.from([0xff, 0xfe]);

/** An Opus packet taken apart. */
export interface OpusPacket {
	/** 0 to 31: mode, bandwidth and frame length. */
	config: number;
	stereo: boolean;
	/** Frame count code, 0 to 3. */
	code: number;
	frames: Buffer[];
	milliseconds: number;
}

/** Takes a packet apart; undefined when it breaks a rule of RFC 6716, section 3.4. */
export function readOpus(packet: Buffer): OpusPacket | undefined {
	const toc = packet[0];
	if (toc === undefined) return undefined;
	const config = toc >> 3;
	const code = toc & 3;
	const frames = framesOf(code, packet.subarray(1));
	const milliseconds = (frames?.length ?? 0) * frameMilliseconds(config);
	if (!frames || milliseconds === 0 || milliseconds > MAX_PACKET_MS) return undefined;
	if (frames.some(({ length }) => length > MAX_FRAME_BYTES)) return undefined;
	return { config, stereo: (toc & 4) !== 0, code, frames, milliseconds };
}

/** Whether the header of this native packet carries the extension word (page 05 section 1). */
export function isNativeSilence(payload: Buffer): boolean {
	const first = payload.readUInt8(0);
	if (payload.length <= 2) return true;
	if (payload.length <= 15 && ((first & 0xf8) === 0x08 || first === 0x0a)) return true;
	return payload.length <= 6 && (first & 0xf0) === 0x30;
}

/** The same for payloads of the MLow family. */
export function isMlowSilence(payload: Buffer): boolean {
	return (payload.readUInt8(0) & 0xc0) === 0x80;
}

export function isComfortNoise(payload: Buffer): boolean {
	return payload.length === 1 && payload[0] === COMFORT_NOISE;
}

/** Dresses an Opus packet, which must be CELT only, up for an MLow decoder (page 05 section 3). */
export function toEscape(packet: Buffer): Buffer {
	const read = readOpus(packet);
	if (!read) throw new Error('This is no Opus packet');
	const silent = read.frames.every((one) => one.length === 0 || one.equals(CELT_SILENCE));
	if (packet.length <= 2 || silent) return Buffer.from([COMFORT_NOISE]);
	if (read.config < 16) throw new Error('Only CELT packets can be escaped');
	const { config, stereo, code } = read;
	const toc = 0xc0 | ((config - 16) << 2) | (stereo ? 2 : 0) | (code === 0 ? 0 : 1);
	const count = { 0: [], 1: [0x02], 2: [0x82], 3: [] }[code] ?? [];
	return Buffer.concat([Buffer.from([toc, ...count]), packet.subarray(1)]);
}

/** Takes the disguise off; undefined when the packet wears none. */
export function fromEscape(payload: Buffer): Buffer | undefined {
	const toc = payload[0];
	if (toc === undefined || (toc & 0xc0) !== 0xc0) return undefined;
	const config = 16 + ((toc >> 2) & 15);
	const stereo = (toc >> 1) & 1;
	const code = toc & 1 ? 3 : 0;
	const packet = Buffer.concat([
		Buffer.from([(config << 3) | (stereo << 2) | code]),
		payload.subarray(1),
	]);
	return readOpus(packet) && packet;
}

function frameMilliseconds(config: number): number {
	if (config < 12) return SILK_MS[config % 4] ?? 0;
	if (config < 16) return HYBRID_MS[config % 2] ?? 0;
	return CELT_MS[config % 4] ?? 0;
}

function framesOf(code: number, body: Buffer): Buffer[] | undefined {
	if (code === 0) return [body];
	if (code === 1) return body.length % 2 === 0 ? cut(body, 2) : undefined;
	if (code === 2) {
		const first = lengthAt(body, 0);
		const start = first && first.next + first.length;
		if (!first || start === undefined || start > body.length) return undefined;
		return [body.subarray(first.next, start), body.subarray(start)];
	}
	return manyFrames(body);
}

function manyFrames(body: Buffer): Buffer[] | undefined {
	const head = body[0];
	const count = (head ?? 0) & 0x3f;
	if (head === undefined || count < 1 || count > 48) return undefined;
	let at = 1;
	let end = body.length;
	if (head & 0x40) {
		for (let byte = 255; byte === 255; at++) {
			const read = body[at];
			if (read === undefined) return undefined;
			byte = read;
			end -= byte === 255 ? 254 : byte;
		}
	}
	if (end < at) return undefined;
	if ((head & 0x80) === 0) {
		const rest = body.subarray(at, end);
		return rest.length % count === 0 ? cut(rest, count) : undefined;
	}
	const lengths: number[] = [];
	while (lengths.length < count - 1) {
		const read = lengthAt(body, at);
		if (!read) return undefined;
		lengths.push(read.length);
		at = read.next;
	}
	const frames = lengths.map((length) => body.subarray(at, (at += length)));
	return at > end ? undefined : [...frames, body.subarray(at, end)];
}

function cut(body: Buffer, parts: number): Buffer[] {
	const length = body.length / parts;
	return Array.from({ length: parts }, (_, part) =>
		body.subarray(part * length).subarray(0, length),
	);
}

function lengthAt(body: Buffer, at: number): { length: number; next: number } | undefined {
	const first = body[at];
	if (first === undefined) return undefined;
	if (first < 252) return { length: first, next: at + 1 };
	const second = body[at + 1];
	return second === undefined ? undefined : { length: second * 4 + first, next: at + 2 };
}
