import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Phone } from '../../../engine';
import { call, Home, OWN_NUMBER, qrOf, ringsEverywhere } from './support/home';
import { Secrets } from './support/secrets';

const LEVELS = ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const;

/** Everything that this process prints from now on. */
function watchOutput(): string[] {
	const printed: string[] = [];
	const keep = (...values: unknown[]): true => {
		printed.push(values.map(String).join(' '));
		return true;
	};
	for (const level of LEVELS) {
		jest.spyOn(console, level).mockImplementation(keep);
	}
	for (const stream of [process.stdout, process.stderr]) {
		jest.spyOn(stream, 'write').mockImplementation(keep);
	}
	return printed;
}

describe('what the engine says while it links, calls and connects again', () => {
	let home: Home;
	let secrets: Secrets;
	let printed: string[];

	beforeAll(async () => {
		// Node.js warns of Jest's way to load it, once.
		await import('@whiskeysockets/baileys');
		await wait(0);
		printed = watchOutput();
	});
	beforeEach(async () => {
		printed.length = 0;
		home = await Home.start();
		secrets = new Secrets();
	});
	afterEach(async () => home.close());
	afterAll(() => jest.restoreAllMocks());

	/** Rings, is cut off, connects again, is refused for old keys, and is answered. */
	async function callInEveryWay(phone: Phone): Promise<void> {
		const person = home.person({}, { devices: 2 });
		const placed = call(phone, person, { ringSeconds: 60 });
		await ringsEverywhere(home, person);
		home.network.cut();
		await wait(20);
		home.network.restore();
		await placed;
		person.reinstall();
		await person.setScript({ onCall: 'answer' });
		expect(await call(phone, person)).toMatchObject({ outcome: 'answered' });
		expect(home.network.takeFaults()).toMatchObject([{ detail: 'devices 0 do not decrypt' }]);
		const refused = home.person({ refuseOffer: 463 });
		await expect(call(phone, refused)).rejects.toMatchObject({ code: 'ACCOUNT_RESTRICTED' });
		const nobody = home.person({}, { onWhatsApp: false });
		await expect(call(phone, nobody)).rejects.toMatchObject({ code: 'NOT_ON_WHATSAPP' });
		await home.check();
		for (const called of [person, refused, nobody]) {
			secrets.addPerson(called, home.network.tokens.issue(called.account, home.own.account));
		}
		expect(person.seen.calls).toHaveLength(4);
	}

	async function expectSilence(phone: Phone): Promise<void> {
		await secrets.addCreds(join(home.data, 'main'));
		await phone.close();
		expect(home.lines.length).toBeGreaterThan(20);
		expect(secrets.in(home.lines)).toEqual([]);
		expect(printed).toEqual([]);
	}

	it('holds no QR text, key, token or number of whom it calls, and nothing is printed', async () => {
		const phone = home.open();
		const qr = qrOf(await phone.link());
		secrets.addQr(qr);
		await home.own.scan(qr);
		await phone.linked();
		await callInEveryWay(phone);
		await expectSilence(phone);
		expect(secrets.in([`the QR code is ${qr}`])).toHaveLength(1);
	});

	it('holds no pairing code either', async () => {
		const phone = home.open();
		const step = await phone.link(OWN_NUMBER);
		if (step.state !== 'linking' || step.method !== 'code') {
			throw new Error('Expected a pairing code');
		}
		const { code } = step;
		secrets.add(code, `${code.slice(0, 4)}-${code.slice(4)}`, OWN_NUMBER);
		await home.own.enterPairingCode(code);
		await phone.linked();
		await callInEveryWay(phone);
		await expectSilence(phone);
		expect(secrets.in([`type ${code}`])).toHaveLength(1);
	});
});
