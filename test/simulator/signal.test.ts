import { loadCodecs, type Codecs } from '../../simulator/codecs';
import { isAnsweredBy, provesIdentity, signCompanion } from '../../simulator/phone/adv';
import { SignalDevice } from '../../simulator/phone/signalDevice';
import { lidJid } from '../../simulator/wire/jid';

const ALICE = lidJid('1', 3);
const BOB = lidJid('2');
const HELLO = Buffer.from('hello');

describe('the Signal side of a simulated device', () => {
	let codecs: Codecs;
	let alice: SignalDevice;
	let bob: SignalDevice;
	const printed = jest.fn();

	beforeEach(async () => {
		codecs = await loadCodecs();
		alice = new SignalDevice(codecs, 1);
		bob = new SignalDevice(codecs, 1);
		for (const method of ['log', 'info', 'warn', 'error'] as const) {
			jest.spyOn(console, method).mockImplementation(printed);
		}
	});

	afterEach(() => expect(printed).not.toHaveBeenCalled());

	const toBob = () => alice.encrypt(BOB, HELLO, () => bob.store.published.bundle(BOB));
	const toAlice = () => bob.encrypt(ALICE, HELLO, () => alice.store.published.bundle(ALICE));

	it('talks both ways over one session, and begins one without a one-time key', async () => {
		bob.store.published.oneTime.clear();
		for (const expected of ['pkmsg', 'pkmsg']) {
			const { type, content } = await toBob();
			expect(type).toBe(expected);
			expect(await bob.decrypt(ALICE, type, content)).toEqual(HELLO);
		}
		const answer = await toAlice();
		expect(answer.type).toBe('msg');
		expect(await alice.decrypt(BOB, answer.type, answer.content)).toEqual(HELLO);
		expect((await toBob()).type).toBe('msg');
	});

	it('does not decrypt what was meant for its keys before a reinstallation', async () => {
		const first = await toBob();
		await bob.decrypt(ALICE, first.type, first.content);
		const answer = await toAlice();
		await alice.decrypt(BOB, answer.type, answer.content);
		bob.reinstall();
		const stale = await toBob();
		await expect(bob.decrypt(ALICE, stale.type, stale.content)).rejects.toThrow('no session');
	});

	it('takes a new session over an open one, and decrypts nothing twice', async () => {
		const first = await toBob();
		await bob.decrypt(ALICE, first.type, first.content);
		alice.store.forgetSessions();
		const second = await toBob();
		expect(await bob.decrypt(ALICE, second.type, second.content)).toEqual(HELLO);
		await expect(bob.decrypt(ALICE, second.type, second.content)).rejects.toThrow();
	});

	it('tells a companion’s signatures from forged ones', () => {
		const { Curve, proto } = codecs;
		const [account, companion, stranger] = [1, 2, 3].map(() => Curve.generateKeyPair());
		if (!account || !companion || !stranger) throw new Error('no keys');
		const identity = signCompanion(codecs, account, companion.public, 1);
		const answer = (by: Uint8Array) =>
			proto.ADVSignedDeviceIdentity.encode({
				...identity,
				deviceSignature: Curve.sign(
					by,
					Buffer.concat([
						Buffer.from([6, 1]),
						identity.details,
						companion.public,
						identity.accountSignatureKey,
					]),
				),
			}).finish();
		const [right, forged] = [answer(companion.private), answer(stranger.private)];
		expect(isAnsweredBy(codecs, companion.public, identity, right)).toBe(true);
		expect(isAnsweredBy(codecs, companion.public, identity, forged)).toBe(false);
		expect(provesIdentity(codecs, account.public, companion.public, right)).toBe(true);
		expect(provesIdentity(codecs, account.public, companion.public, forged)).toBe(false);
		expect(provesIdentity(codecs, stranger.public, companion.public, right)).toBe(false);
		expect(provesIdentity(codecs, account.public, stranger.public, right)).toBe(false);
	});
});
