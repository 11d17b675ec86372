import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress, requireCallable } from '../../../../common/address';
import { systemClock, type Clock } from '../../../../common/clock';
import type { CallReport } from '../../../../common/report';
import * as source from '../../../../engine';
import type { FakeCall, Phone, PhoneRequest } from '../../../../engine';
import {
	startNetwork,
	type Network,
	type NetworkOptions,
	type Phone as PersonsPhone,
	type PhoneOptions,
} from '../../../../simulator';
import { eventually } from '../../../simulator/support/client';

/** The number of the account that the tests link to. */
export const OWN_NUMBER = '4915112345678';

/** How much faster the engine's clock runs: its waits of seconds are those of phones, not ours. */
export const SPEED = 10;
const STARTED = Date.now();
export const fastClock: Clock = {
	now: () => STARTED + (Date.now() - STARTED) * SPEED,
	sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / SPEED, signal),
};

/** The front door: of the source, or, for calls with sound, of the build. */
export type FrontDoor = Pick<typeof source, 'closePhones' | 'openPhone'>;

export interface HomeOptions extends NetworkOptions {
	clock?: Clock;
	engine?: FrontDoor;
}

type PersonOptions = Partial<Omit<PhoneOptions, 'script'>> & { isStranger?: boolean };

/** A data folder, a WhatsApp network, and an account whose phone can be linked to. */
export class Home {
	/** What the engine logged: message and details. */
	readonly lines: string[] = [];
	readonly own: PersonsPhone;
	private people = 0;

	private constructor(
		readonly data: string,
		readonly network: Network,
		private readonly clock: Clock,
		private readonly engine: FrontDoor,
	) {
		this.own = network.addPhone({ number: OWN_NUMBER });
	}

	static async start(options: HomeOptions = {}): Promise<Home> {
		const { clock = fastClock, engine = source, ...network } = options;
		const data = await mkdtemp(join(tmpdir(), 'phone-'));
		// Codes do not go out while a slow machine links.
		const settings = { secondMs: 20, firstQrSeconds: 10_000, ringLimitSeconds: 80, ...network };
		return new Home(data, await startNetwork(settings), clock, engine);
	}

	/** As for a user: an environment that points here. */
	get environment(): Record<string, string> {
		return { ...this.network.environment, WHATSAPP_CALL_DATA: this.data };
	}

	/** The phone of a session. */
	open(request: Partial<PhoneRequest> = {}): Phone {
		const keep = (message: string, details?: object): void => {
			this.lines.push(`${message} ${JSON.stringify(details ?? {})}`);
		};
		const logger = { debug: keep, info: keep, warn: keep };
		const { clock } = this;
		return this.engine.openPhone({ name: 'main', logger, clock, ...request }, this.environment);
	}

	/** The phone of a session, linked by a QR code. */
	async linked(request: Partial<PhoneRequest> = {}): Promise<Phone> {
		const phone = this.open(request);
		await this.own.scan(qrOf(await phone.link()));
		await phone.linked();
		return phone;
	}

	/** Somebody to call, who has written with the account before. */
	person(
		script: PhoneOptions['script'] = {},
		{ isStranger = false, ...options }: PersonOptions = {},
	): PersonsPhone {
		const number = String(5_511_900_000_000 + ++this.people);
		const person = this.network.addPhone({ number, ...options, script });
		if (!isStranger) {
			person.trust(OWN_NUMBER);
		}
		return person;
	}

	/** How many connections the account's linked devices have. A number: failed tests print it. */
	get connections(): number {
		return this.network.clientsOf(this.own).filter(({ line }) => line !== undefined).length;
	}

	/** After each test: nobody rings, everything was acknowledged, and nothing was wrong. */
	async check(): Promise<void> {
		const { network } = this;
		await eventually(() => network.ringing.length === 0);
		await eventually(() => network.unacknowledged.length === 0);
		expect(network.takeFaults()).toEqual([]);
	}

	async close(): Promise<void> {
		await this.engine.closePhones();
		await this.network.close();
		await rm(this.data, { recursive: true, force: true });
		expect(this.network.takeFaults()).toEqual([]);
	}
}

/** Calls without the pause, unless it is asked for. */
export function call(
	phone: Phone,
	to: PersonsPhone | string,
	request: Partial<FakeCall> = {},
): Promise<CallReport> {
	const address = requireCallable(parseAddress(typeof to === 'string' ? to : to.id));
	return phone.fakeCall({ to: address, ringSeconds: 1, pauseMilliseconds: 0, ...request });
}

/** The text of the QR code that linking shows. */
export function qrOf(step: Awaited<ReturnType<Phone['link']>>): string {
	if (step.state !== 'linking' || step.method !== 'qr') {
		throw new Error(`Expected a QR code, not ${step.state}`);
	}
	return step.qr;
}

/** Waits until every device of somebody rings, and the engine knows. */
export async function ringsEverywhere(home: Home, person: PersonsPhone): Promise<void> {
	const devices = person.devices.length;
	await eventually(
		() => person.seen.calls.filter(({ state }) => state === 'ringing').length === devices,
	);
	await eventually(() => {
		const offer = home.lines.findLastIndex((line) => line.includes('"event":"offer"'));
		const since = home.lines.slice(offer);
		return since.filter((line) => line.includes('"event":"receipt"')).length >= devices;
	});
}
