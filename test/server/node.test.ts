import { fake, thrown } from '../nodes/WhatsAppCall/support';
import { eventually } from '../simulator/support/client';
import { House, INSTANCE_TOKEN } from './support/house';

/** The node of n8n with the connection "RyzeAPI Server", against this server. */
describe('the node through this server', () => {
	let house: House;

	beforeAll(async () => {
		house = await House.start({ instances: { main: INSTANCE_TOKEN, other: 'other-token' } });
	});
	afterEach(async () => house.home.check());
	afterAll(async () => house.close());

	it('understands that the instance is not connected', async () => {
		const error = thrown(await fake(house.server, { to: '5511999999999' }));
		expect(error.code).toBe('INSTANCE_DISCONNECTED');
	});

	it.each([
		['answer', { outcome: 'answered', rang: true, talkSeconds: expect.any(Number) as unknown }],
		['decline', { outcome: 'declined', rang: true, endedBy: 'recipient' }],
		['ignore', { outcome: 'noAnswer', rang: true, ringSeconds: expect.any(Number) as unknown }],
	] as const)(
		'is told by the answer, when the call has ended, that somebody did this: %s',
		async (onCall, report) => {
			if ((await house.stateOf()) !== 'connected') {
				await house.link();
			}
			const person = house.home.person({ onCall, afterSeconds: 1 });
			const { error, items, stored } = await fake(house.server, {
				to: person.id,
				ringDurationSeconds: 2,
				options: { waitForOutcome: true, waitAtMostSeconds: 10 },
			});
			expect(error).toBeUndefined();
			expect(items[0]?.json).toMatchObject({
				success: true,
				number: person.id,
				connection: 'ryzeApi',
				...report,
			});
			expect(stored).not.toContain(INSTANCE_TOKEN);
			// No event channel was opened for it.
			expect(house.lines.join('\n')).not.toContain('/ws/main');
			expect((await house.send('/api/events/getWebsocket/main')).status).toBe(404);
		},
	);

	it('tells what is known when the wait is over before the call', async () => {
		const person = house.home.person();
		const { error, items } = await fake(house.server, {
			to: person.id,
			ringDurationSeconds: 60,
			options: { waitForOutcome: true, waitAtMostSeconds: 2 },
		});
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ outcome: 'placed', rang: true, state: 'ringing' });
		expect(items[0]?.json).not.toHaveProperty('endedAt');
		// Hangs up.
		await house.send('/api/instance/logout/main', { method: 'POST' });
		await eventually(() => person.seen.calls[0]?.endedBy === 'caller');
	});
});
