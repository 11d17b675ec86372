import { randomBytes, randomInt } from 'node:crypto';
import { FRAME_MS } from '../engine/audio/types';
import { toParticipantId } from '../engine/media/participant';
import { FaultLog } from '../simulator/faults';
import { makeCertificate } from '../simulator/relay/certificate';
import { Line } from '../simulator/relay/line';
import { CountingPhone } from './mediaPhone';
import type { BenchCall } from './mediaProbe';
import { Load, serve } from './mediaProcess';
import { BenchRelay } from './mediaRelay';

/** What arrived in a stretch of time. */
export interface PeerReport {
	packets: number;
	/** More than 10 ms late by a fixed clock of 60 ms. */
	latePackets: number;
	worstMs: number;
	refused: number;
	/** Processor time, as the share of one core. */
	load: number;
	/** When the first packet of each call's recording came, on the shared clock. */
	firstWordAtMs: (number | undefined)[];
	/** What the relay had to object to. */
	faults: string[];
}

const LATE_MS = 10;
const CALLER = '1000000000:7@lid';
const CALLED = '2000000000@lid';
/** The port on which clients dial nothing else. */
const RELAY_PORT = 3480;
const TAG_BYTES = 4;
/** Not where a simulator of somebody else may listen. */
const RELAY_HOST = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
const TICK_MS = 1;

/** Relays and phones of a load: see mediaPhone.ts. */
class MediaPeer {
	private readonly phones: CountingPhone[] = [];
	private readonly load = new Load();
	private readonly faults = new FaultLog();

	/** Calls as they are after their accept, over one relay. */
	async open(count: number): Promise<BenchCall[]> {
		const certificate = await makeCertificate();
		const relay = new BenchRelay(certificate, (detail) => this.faults.add('relay', detail));
		await relay.listen(RELAY_HOST, RELAY_PORT);
		const calls = Array.from({ length: count }, () => this.openCall(relay));
		return calls.map((call) => ({ ...call, relayFingerprint: certificate.fingerprint }));
	}

	/** All phones speak, each once in 60 ms. */
	speak(): void {
		const { phones } = this;
		const startedAtMs = performance.now();
		let spoken = 0;
		setInterval(() => {
			const due = ((performance.now() - startedAtMs) / FRAME_MS) * phones.length;
			for (; spoken < due; spoken += 1) {
				phones[spoken % phones.length]?.speak();
			}
		}, TICK_MS);
	}

	reset(): void {
		this.phones.forEach((phone) => phone.reset());
		this.load.reset();
	}

	report(): PeerReport {
		const load = this.load.share;
		const late = this.phones.flatMap((phone) => phone.lateness());
		return {
			packets: late.length,
			latePackets: late.filter((ms) => ms > LATE_MS).length,
			worstMs: late.reduce((most, one) => Math.max(most, one), 0),
			refused: this.phones.reduce((sum, phone) => sum + phone.refused, 0),
			load,
			firstWordAtMs: this.phones.map(({ firstWordAtMs }) => firstWordAtMs),
			faults: this.faults.take().map(({ detail }) => detail),
		};
	}

	private openCall(relay: BenchRelay): BenchCall {
		const callId = randomBytes(16).toString('hex').toUpperCase();
		const callKey = randomBytes(32);
		const call = { id: callId, creator: CALLER };
		const line = new Line(call, 1, TAG_BYTES, () => 'first', this.faults);
		const { caller, key } = line;
		const token = line.tickets[0]?.token ?? Buffer.alloc(0);
		relay.grant(token, { callId, caller, key, host: RELAY_HOST, port: RELAY_PORT, line });
		const phone = new CountingPhone(
			{ callId, callKey, caller, phone: toParticipantId(CALLED), tagBytes: TAG_BYTES },
			(packet) => line.toCaller(packet),
		);
		line.join(phone);
		this.phones.push(phone);
		return {
			callId,
			callKey,
			ownDevice: CALLER,
			peer: CALLED,
			relayKey: key,
			tagBytes: TAG_BYTES,
			endpoints: [
				{
					relayId: '0',
					relayName: relay.name,
					address: RELAY_HOST,
					port: RELAY_PORT,
					isFna: false,
					token,
				},
			],
		};
	}
}

const peer = new MediaPeer();

serve({
	open: (count: number) => peer.open(count),
	speak: () => peer.speak(),
	reset: () => peer.reset(),
	report: () => peer.report(),
});
