import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jsQR from 'jsqr';
import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IDataObject,
	INodeParameters,
} from 'n8n-workflow';
import { PNG } from 'pngjs';
import { closePhones } from '../../../engine';
import { testWhatsAppSession } from '../../../nodes/WhatsAppCall/credentialTests';
import { startNetwork, type Network, type Phone } from '../../../simulator';
import { runNode, type NodeResult, type NodeRun } from '../../support/runNode';
import { eventually } from '../../simulator/support/client';
import { thrown } from './support';

const OWN = '4915112345678';
const THEIRS = '5511999999999';
const CODE = /^[0-9A-Z]{4}-[0-9A-Z]{4}$/;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let data: string;
let network: Network;
let own: Phone;
let theirs: Phone;
const environment = { ...process.env };

beforeEach(async () => {
	data = await mkdtemp(join(tmpdir(), 'node-embedded-'));
	network = await startNetwork({ secondMs: 20, firstQrSeconds: 10_000, ringLimitSeconds: 10_000 });
	own = network.addPhone({ number: OWN });
	theirs = network.addPhone({ number: THEIRS });
	process.env.WHATSAPP_CALL_DATA = data;
	Object.assign(process.env, network.environment);
});

afterEach(async () => {
	await closePhones();
	await network.close();
	await rm(data, { recursive: true, force: true });
	process.env = { ...environment };
	expect(network.takeFaults()).toEqual([]);
	expect(network.ringing).toEqual([]);
});

interface Run extends Omit<NodeRun, 'parameters' | 'credentials'> {
	credential?: IDataObject;
}

async function embedded(parameters: IDataObject, { credential, ...options }: Run = {}) {
	return await runNode({
		credentials: {
			whatsAppSession: { sessionName: 'main', ...(credential as Record<string, string>) },
		},
		...options,
		parameters: { connection: 'embedded', ...parameters } as INodeParameters,
	});
}

async function session(operation: string, parameters: IDataObject = {}, run: Run = {}) {
	return await embedded({ resource: 'session', operation, ...parameters }, run);
}

async function fake(parameters: IDataObject = {}, run: Run = {}): Promise<NodeResult> {
	return await embedded(
		{ resource: 'call', operation: 'fake', to: THEIRS, ringDurationSeconds: 1, ...parameters },
		run,
	);
}

function jsonOf({ items, error }: NodeResult): IDataObject {
	expect(error).toBeUndefined();
	return items[0]?.json ?? {};
}

async function link(run: Run = {}): Promise<void> {
	const { code } = jsonOf(await session('linkDevice', { phoneNumber: OWN }, run));
	await own.enterPairingCode(String(code).replace('-', ''));
	await eventually(async () => {
		const { state } = jsonOf(await session('getStatus', {}, run));
		return state === 'connected';
	});
	own.trust(THEIRS);
	theirs.trust(OWN);
}

describe('Session > Link Device', () => {
	test('gives a pairing code, the same one again, and says when it is linked', async () => {
		const first = jsonOf(await session('linkDevice', { phoneNumber: `+${OWN}` }));
		expect(first).toEqual({
			success: true,
			message: expect.stringContaining(String(first.code)) as string,
			session: 'main',
			state: 'linking',
			method: 'code',
			code: expect.stringMatching(CODE) as string,
			expiresAt: expect.stringMatching(ISO_TIME) as string,
			connection: 'embedded',
		});
		expect(jsonOf(await session('linkDevice', { phoneNumber: OWN }))).toEqual(first);
		expect(jsonOf(await session('getStatus'))).toMatchObject({ state: 'linking' });

		await own.enterPairingCode(String(first.code).replace('-', ''));
		await eventually(async () => {
			const { state } = jsonOf(await session('linkDevice', { phoneNumber: OWN }));
			return state === 'linked';
		});
		expect(jsonOf(await session('linkDevice', { phoneNumber: OWN }))).toMatchObject({
			message: `Linked to +${OWN}`,
			number: OWN,
			lid: own.lid,
		});
	});

	test('gives a QR code as text and as a picture that can be scanned', async () => {
		const { items, error } = await session('linkDevice', {
			linkBy: 'qrCode',
			qrBinaryPropertyName: 'code',
		});
		expect(error).toBeUndefined();
		const { json, binary } = items[0] ?? { json: {} };
		expect(binary?.code).toMatchObject({
			mimeType: 'image/png',
			fileName: 'whatsapp-qr-code.png',
		});
		const picture = PNG.sync.read(Buffer.from(binary?.code?.data ?? '', 'base64'));
		const scanned = jsQR(new Uint8ClampedArray(picture.data), picture.width, picture.height);
		expect(scanned?.data).toBe((json as IDataObject).qr);

		await own.scan(scanned?.data ?? '');
		await eventually(async () => jsonOf(await session('getStatus')).state === 'connected');
	});

	test.each([' ', '12', '120363000000000000@g.us'])(
		'refuses %p as the number of the phone',
		async (phoneNumber) => {
			const error = thrown(await session('linkDevice', { phoneNumber }));
			expect(error.code).toBe('INVALID_NUMBER');
		},
	);
});

describe('Call > Fake, embedded', () => {
	test('rings, hangs up and tells the outcome', async () => {
		await link();
		const { items, error } = await fake();
		expect(error).toBeUndefined();
		expect(items).toEqual([
			{
				json: {
					success: true,
					message: 'It rang, and nobody answered.',
					callId: theirs.seen.calls[0]?.callId,
					number: THEIRS,
					duration: 1,
					outcome: 'noAnswer',
					rang: true,
					ringSeconds: expect.any(Number) as number,
					endedBy: 'us',
					placedAt: expect.stringMatching(ISO_TIME) as string,
					endedAt: expect.stringMatching(ISO_TIME) as string,
					connection: 'embedded',
				},
				pairedItem: { item: 0 },
			},
		]);
		await eventually(() => theirs.seen.calls[0]?.missed === true);
	});

	test('rests between the calls of a session, whichever run they come from', async () => {
		await link();
		const options = { pauseBetweenCallsSeconds: 1 };
		const [first, second] = await Promise.all([fake({ options }), fake({ options })]);
		const waited = [first, second].map((result) => jsonOf(result).waitedSeconds ?? 0);
		expect(Math.min(...waited.map(Number))).toBe(0);
		expect(Math.max(...waited.map(Number))).toBeGreaterThanOrEqual(2);
	});

	test('stops at the limit of the credential', async () => {
		await link();
		const run = { credential: { callsPerDay: 1 } };
		jsonOf(await fake({}, run));
		expect(thrown(await fake({ options: { pauseBetweenCallsSeconds: 0 } }, run))).toMatchObject({
			code: 'RATE_LIMITED',
		});
		expect(theirs.seen.calls).toHaveLength(1);
	});

	test('hangs up when the execution is cancelled', async () => {
		await link();
		let cancel = (): void => undefined;
		const running = fake({ ringDurationSeconds: 60 }, { onStart: (stop) => (cancel = stop) });
		await eventually(() => theirs.seen.calls[0]?.state === 'ringing');
		cancel();
		await running;
		await eventually(() => theirs.seen.calls[0]?.missed === true);
	});

	test('without a link says how to make one', async () => {
		const error = thrown(await fake());
		expect(error).toMatchObject({ code: 'NOT_LINKED', message: expect.stringContaining('main') });
		expect(error.hint).toContain('Session > Link Device');
	});

	test.each([
		[{ sessionName: '../main' }, 'INVALID_OPTION'],
		[{ advanced: true, dataFolder: 'relative' }, 'INVALID_OPTION'],
		[{ callsPerDay: 0 }, 'INVALID_OPTION'],
		[{ advanced: true, keepAliveSeconds: -1 }, 'INVALID_OPTION'],
	])('refuses the credential %j', async (credential, code) => {
		expect(thrown(await fake({}, { credential }))).toMatchObject({ code });
	});
});

describe('Session > Log Out', () => {
	test('removes the device, and the session can be linked again', async () => {
		await link();
		expect(jsonOf(await session('logOut'))).toMatchObject({
			success: true,
			session: 'main',
			removedFromAccount: true,
		});
		expect(jsonOf(await session('getStatus'))).toMatchObject({ state: 'unlinked' });
		await link();
	});
});

describe('the test of the credential', () => {
	const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };

	async function testOf(fields: Record<string, string>) {
		return await testWhatsAppSession.call(
			{ logger } as unknown as ICredentialTestFunctions,
			{ data: { sessionName: 'main', ...fields } } as unknown as ICredentialsDecrypted,
		);
	}

	test('says that the session is not linked, and what to do', async () => {
		expect(await testOf({})).toEqual({
			status: 'Error',
			message:
				'The session "main" is not linked to a phone yet. Save this credential and run the node once with Session > Link Device.',
		});
	});

	test('says that it is linked', async () => {
		await link();
		expect(await testOf({})).toEqual({ status: 'OK', message: `Linked to +${OWN}` });
	});

	test('says that the passphrase is wrong', async () => {
		await link({ credential: { passphrase: 'right words' } });
		await closePhones();
		expect(await testOf({ passphrase: 'wrong words' })).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('passphrase') as string,
		});
	});

	test('says that the phone removed the device', async () => {
		await link();
		network.logOut(own);
		await eventually(async () => (await testOf({})).status === 'Error');
		expect((await testOf({})).message).toContain('logged out');
	});
});
