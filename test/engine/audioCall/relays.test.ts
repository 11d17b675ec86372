import type { Phone } from '../../../engine';
import { tone } from '../../../simulator';
import { eventually } from '../../simulator/support/client';
import { wavOf } from '../audio/support';
import { qrOf, type Home } from '../phone/support/home';
import {
	answered,
	builtEngine,
	hears,
	isSilence,
	likeness,
	mendRelays,
	reportOf,
	soundOf,
	speech,
	startStudio,
	workshop,
	check,
} from './support/studio';

describe('an audio call, over relays that', () => {
	let home: Home;
	let phone: Phone;
	let said: Int16Array;
	let words: Buffer;

	beforeAll(async () => {
		said = await speech(1.2);
		words = wavOf(said);
		home = await startStudio();
		phone = await home.linked();
	});
	afterEach(async () => {
		mendRelays(home);
		Object.assign(home.network.settings, {
			relayBlock: 'full',
			ackSeconds: 0,
			phoneSpeaksOver: 'all',
		});
		await check(home);
	});
	afterAll(async () => {
		await home.close();
		await workshop.close();
	});

	it.each([
		[0, 0.9],
		[0.05, 0.7],
		[0.2, 0.4],
	])('lose a share of %d of all packets is understood', async (loss, least) => {
		home.network.relays.change({ loss });
		const person = home.person({ onCall: 'answer', afterSeconds: 2 });
		expect(await reportOf(phone, person, { audio: { bytes: words } })).toMatchObject({
			outcome: 'answered',
			endedBy: 'us',
			heard: true,
			playedSeconds: 1.2,
		});
		const { media, seen } = await answered(person);
		expect(seen.lost).toBeLessThanOrEqual(loss * 2 * (seen.packets + seen.lost) + loss * 50);
		expect(likeness(said, await media.heard())).toBeGreaterThanOrEqual(least);
	});

	it('delay packets and change their order loses nothing', async () => {
		home.network.relays.change({ jitterMs: 200, reorder: 0.2 });
		const person = home.person({ onCall: 'answer', afterSeconds: 2 });
		expect(await reportOf(phone, person, { audio: { bytes: words } })).toMatchObject({
			outcome: 'answered',
			heard: true,
			playedSeconds: 1.2,
		});
		const { media, seen } = await answered(person);
		// Those that are under way when the call ends come behind its end.
		await eventually(() => seen.lost === 0);
		expect(seen.reordered).toBeGreaterThan(0);
		expect(likeness(said, await media.heard())).toBeGreaterThanOrEqual(0.9);
	});

	it.each([
		['falls silent', 'all', 1.8, 1_200],
		['falls silent while it alone delivers', 'first', 3.5, 3_000],
		['says goodbye', 'first', 1.8, 1_200],
	] as const)('one of which %s is heard on over the other', async (how, over, seconds, gapMs) => {
		const { network } = home;
		network.settings.phoneSpeaksOver = over;
		const person = home.person({ onCall: 'answer', afterSeconds: 2 });
		const placed = reportOf(phone, person, { audio: { bytes: wavOf(tone(440, seconds)) } });
		await hears(person, 4);
		await eventually(() => bridged(home, person) === 2);
		if (how === 'says goodbye') {
			await network.relays.end(0);
		} else {
			network.relays.change({ silent: true }, 0);
		}
		expect(await placed).toMatchObject({
			outcome: 'answered',
			endedBy: 'us',
			heard: true,
			playedSeconds: seconds,
		});
		const { media, seen } = await answered(person);
		expect(Math.max(0, ...seen.gapsMs)).toBeLessThan(gapMs);
		const { fromMs, toMs } = soundOf(media.packets);
		expect(toMs - fromMs).toBeGreaterThan(seconds * 1_000 - 300);
	});

	it.each(['relaylatency', 'transport'] as const)(
		'are named after the answer, in <%s>, is heard whole',
		async (relayBlock) => {
			Object.assign(home.network.settings, { relayBlock, lateRelaySeconds: 5 });
			await isHeardWhole();
		},
	);

	it('are named in an ack that comes after the answer is heard whole', async () => {
		home.network.settings.ackSeconds = 5;
		await isHeardWhole({ device: 3 });
	});

	it('answer on port 3480 only is heard whole', async () => {
		home.network.relays.change({ answersOn: '3480' });
		await isHeardWhole();
	});

	it('answer after an ICE check only is heard whole', async () => {
		home.network.relays.change({ iceOnly: true });
		await isHeardWhole();
	});

	it('are silent but for one is heard whole', async () => {
		home.network.relays.change({ silent: true }, 0);
		await isHeardWhole();
	});

	it('never bring what the phone says is heard whole, and says that it heard nothing', async () => {
		home.network.relays.change({ oneWay: true });
		await isHeardWhole({ heard: false });
	});

	it.each([
		['the certificate that was asked for', true],
		['another certificate', false],
	])('have %s', async (_what, isRight) => {
		const { fingerprint } = home.network.relays;
		const other = fingerprint.replace(/^../, fingerprint.startsWith('00') ? '11' : '00');
		const session = builtEngine.openPhone(
			{ name: isRight ? 'right' : 'wrong', logger: QUIET },
			{ ...home.environment, WHATSAPP_CALL_RELAY_FINGERPRINT: isRight ? fingerprint : other },
		);
		await home.own.scan(qrOf(await session.link()));
		await session.linked();
		const person = home.person({ onCall: 'answer', afterSeconds: 1 });
		if (isRight) {
			expect(await reportOf(session, person)).toMatchObject({ outcome: 'answered', heard: true });
			return;
		}
		expect(await reportOf(session, person)).toMatchObject({
			outcome: 'failed',
			failureCode: 'RELAY_UNREACHABLE',
			endedBy: 'network',
		});
		await eventually(() => person.seen.calls.every(({ endedBy }) => endedBy === 'caller'));
	});

	async function isHeardWhole({ device = 0, heard = true } = {}): Promise<void> {
		const person = home.person({ onCall: 'answer', afterSeconds: 1, device }, { devices: 2 });
		expect(await reportOf(phone, person)).toMatchObject({
			outcome: 'answered',
			endedBy: 'us',
			heard,
			playedSeconds: 0.3,
		});
		const { media, seen } = await answered(person);
		expect(seen.lost).toBe(0);
		expect(media.packets.filter((packet) => !isSilence(packet))).toHaveLength(5);
	}
});

/** How many relays a call is bridged over. */
function bridged({ network }: Home, person: { seen: { calls: { callId: string }[] } }): number {
	return network.relays.lineOf(person.seen.calls[0]?.callId ?? '')?.bridged.length ?? 0;
}

const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined };
