import type { Phone } from '../../../engine';
import type { RelayConditions, Settings } from '../../../simulator';
import { fastClock, type Home } from '../phone/support/home';
import { check, mendRelays, reportOf, startStudio } from './support/studio';

interface Obstacle {
	block?: Settings['relayBlock'];
	relays?: Partial<RelayConditions>;
}

describe('an audio call that is answered without a path for its sound', () => {
	let home: Home;
	let phone: Phone;

	beforeAll(async () => {
		// The engine's seconds are ten times as fast: it waits ten of them for a relay.
		home = await startStudio({ clock: fastClock });
		phone = await home.linked();
	});
	afterEach(async () => {
		mendRelays(home);
		home.network.settings.relayBlock = 'full';
		await check(home);
	});
	afterAll(async () => home.close());

	it.each<[string, Obstacle]>([
		['relays that are silent', { relays: { silent: true } }],
		['relays that only answer on a port nobody knows of', { relays: { iceOnly: true } }],
		['no relays', { block: 'none' }],
	])('fails, and hangs up: %s', async (_name, { block = 'full', relays = {} }) => {
		home.network.settings.relayBlock = block;
		home.network.relays.change(relays);
		const person = home.person({ onCall: 'answer', afterSeconds: 1, device: 3 }, { devices: 2 });
		const report = await reportOf(phone, person);
		expect(report).toMatchObject({
			outcome: 'failed',
			failureCode: 'RELAY_UNREACHABLE',
			endedBy: 'network',
			rang: true,
			heard: false,
			playedSeconds: 0,
		});
		expect(report.answeredAt).toBeDefined();
		await check(home);
		expect(person.seen.calls).toMatchObject([
			{ state: 'ended', endedBy: 'caller', terminateReason: 'accepted_elsewhere' },
			{ state: 'ended', endedBy: 'caller', terminateReason: null },
		]);
	});

	it.each<[string, Obstacle]>([
		['relays that refuse their service', { relays: { refuses: 486 } }],
		['relays without tokens', { block: 'noTokens' }],
		['relays with IPv6 addresses only', { block: 'ipv6' }],
	])('fails as soon as that is certain, while it rings: %s', async (_name, obstacle) => {
		const { block = 'full', relays = {} } = obstacle;
		home.network.settings.relayBlock = block;
		home.network.relays.change(relays);
		const person = home.person({}, { devices: 2 });
		const report = await reportOf(phone, person);
		expect(report).toMatchObject({
			outcome: 'failed',
			failureCode: 'RELAY_UNREACHABLE',
			endedBy: 'network',
			audioSeconds: 0.3,
		});
		expect(report).not.toHaveProperty('playedSeconds');
		await check(home);
		expect(person.seen.calls).toMatchObject([
			{ state: 'ended', endedBy: 'caller' },
			{ state: 'ended', endedBy: 'caller' },
		]);
	});

	it('is followed by one that works', async () => {
		const person = home.person({ onCall: 'answer' });
		expect(await reportOf(phone, person)).toMatchObject({ outcome: 'answered', heard: true });
	});
});
