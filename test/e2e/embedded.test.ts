import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SECRETS, whatsAppSession } from './support/credentials';
import { itemsOf } from './support/execution';
import { Simulator } from './support/simulator';
import { openServerStage } from './support/stage';
import type { ServerStage } from './support/stage';
import { CLIPS } from './support/paths';
import { waitUntil } from './support/waitUntil';
import {
	manualTrigger,
	readFile,
	webhookTrigger,
	whatsAppCall,
	workflow,
} from './support/workflow';
import type { Parameters, Workflow } from './support/workflow';

const OWN = '4915112345678';
const THEIRS = '5511999999999';
const LINK_TIMEOUT_MS = 30_000;
const ARRIVAL_TIMEOUT_MS = 10_000;
const fake = {
	resource: 'call',
	operation: 'fake',
	to: `+${THEIRS}`,
	ringDurationSeconds: 1,
	options: { pauseBetweenCallsSeconds: 0 },
};

let simulator: Simulator;
let stage: ServerStage;
let stored: Workflow;

beforeAll(async () => {
	simulator = await Simulator.start();
	await simulator.addPhone({ number: OWN });
	await simulator.addPhone({ number: THEIRS, devices: 2 });
	const paths: Record<string, Parameters> = {
		code: { resource: 'session', operation: 'linkDevice', phoneNumber: `+${OWN}` },
		qr: { resource: 'session', operation: 'linkDevice', linkBy: 'qrCode' },
		status: { resource: 'session', operation: 'getStatus' },
		'log-out': { resource: 'session', operation: 'logOut' },
		ring: fake,
	};
	const play: Parameters = {
		connection: 'embedded',
		resource: 'call',
		operation: 'audio',
		to: THEIRS,
		audioSource: 'binary',
		binaryPropertyName: 'data',
		options: {
			pauseBetweenCallsSeconds: 0,
			recordRecipient: true,
			recordingBinaryPropertyName: 'answer',
		},
	};
	const note: Parameters = {
		connection: 'embedded',
		resource: 'voiceMessage',
		operation: 'send',
		to: `+${THEIRS}`,
		audioSource: 'binary',
		binaryPropertyName: 'data',
	};
	const workflows = (stage: { whatsAppSession: ReturnType<typeof whatsAppSession> }): Workflow[] =>
		Object.entries(paths).map(([path, parameters]) =>
			workflow(path, [
				webhookTrigger(path),
				whatsAppCall('Phone', { connection: 'embedded', ...parameters }, stage.whatsAppSession),
			]),
		);
	let online: Workflow[] = [];
	stage = await openServerStage((credentials) => {
		online = workflows(credentials);
		stored = workflow('Ring by command', [
			manualTrigger(),
			whatsAppCall('Phone', { connection: 'embedded', ...fake }, credentials.whatsAppSession),
		]);
		online.push(
			workflow('play', [
				webhookTrigger('play'),
				readFile(join(CLIPS, 'alert.mp3')),
				whatsAppCall('Phone', play, credentials.whatsAppSession),
			]),
			workflow('note', [
				webhookTrigger('note'),
				readFile(join(CLIPS, 'alert.mp3')),
				whatsAppCall('Phone', note, credentials.whatsAppSession),
			]),
		);
		return [...online, stored];
	}, simulator.variables);
	for (const { id } of online) await stage.rest.activate(id);
});

afterAll(async () => {
	await stage.close();
	await simulator.stop();
});

afterEach(async () => {
	expect(await simulator.takeFaults()).toEqual([]);
});

/** Runs the workflow behind a webhook and gives its one item. */
async function run(path: string): Promise<Record<string, unknown>> {
	const { status, body } = await stage.rest.callWebhook(path, {});
	expect({ status, body }).toMatchObject({ status: 200, body: [{ connection: 'embedded' }] });
	return (body as Array<Record<string, unknown>>)[0] ?? {};
}

async function untilConnected(): Promise<void> {
	await waitUntil(
		'The link',
		async () => ((await run('status')).state === 'connected' ? true : undefined),
		LINK_TIMEOUT_MS,
	);
}

describe('a phone inside n8n', () => {
	it('is not linked at first, and the test of the credential says what to do', async () => {
		expect(await run('status')).toMatchObject({ session: 'main', state: 'unlinked' });
		expect(await stage.rest.testCredential(whatsAppSession())).toEqual({
			status: 'Error',
			message: expect.stringContaining('Session > Link Device') as string,
		});
	});

	it('is linked by a QR code, and logged out', async () => {
		const { qr, expiresAt } = await run('qr');
		expect(Date.parse(String(expiresAt))).toBeGreaterThan(Date.now());
		await simulator.link(OWN, { qr: String(qr) });
		await untilConnected();
		expect(await run('log-out')).toMatchObject({ success: true, removedFromAccount: true });
		expect(await run('status')).toMatchObject({ state: 'unlinked' });
	});

	it('is linked by a pairing code in the background, and running it again says so', async () => {
		const first = await run('code');
		expect(await run('code')).toEqual(first);
		await simulator.link(OWN, { code: String(first.code).replace('-', '') });
		await untilConnected();
		expect(await run('code')).toMatchObject({ state: 'linked', number: OWN });
		expect(await stage.rest.testCredential(whatsAppSession())).toMatchObject({ status: 'OK' });
	});

	it('keeps its keys where only its owner can read them', async () => {
		const folder = join(stage.userFolder, '.n8n/whatsapp-call/main');
		expect((await stat(folder)).mode & 0o777).toBe(0o700);
		expect((await stat(join(folder, 'creds'))).mode & 0o777).toBe(0o600);
	});

	it('rings a number and tells the outcome', async () => {
		const report = await run('ring');
		const { seen } = await simulator.phone(THEIRS);
		expect(report).toMatchObject({
			callId: seen.calls[0]?.callId,
			outcome: 'noAnswer',
			rang: true,
			endedBy: 'us',
			number: THEIRS,
		});
		expect(seen.calls.map(({ state, missed }) => ({ state, missed }))).toEqual([
			{ state: 'ended', missed: true },
			{ state: 'ended', missed: true },
		]);
	});

	it('tells that the call was declined', async () => {
		await simulator.script(THEIRS, { onCall: 'decline', afterSeconds: 1 });
		expect(await run('ring')).toMatchObject({ outcome: 'declined', endedBy: 'recipient' });
	});

	it('plays a file to whoever answers, and keeps what they say', async () => {
		await simulator.script(THEIRS, {
			onCall: 'answer',
			afterSeconds: 1,
			speakTone: { hz: 440, seconds: 3 },
		});
		const report = await run('play');
		const { seen } = await simulator.phone(THEIRS);
		const call = seen.calls.find(({ callId, media }) => callId === report.callId && media?.packets);
		expect(report).toMatchObject({
			outcome: 'answered',
			rang: true,
			heard: true,
			endedBy: 'us',
			codecSent: 'mlow',
			recipientCodec: 'mlow',
			recording: 'answer',
		});
		expect(report.playedSeconds).toBe(report.audioSeconds);
		expect(report.audioSeconds).toBeCloseTo(8.6, 0);
		expect(report.recordingSeconds).toBeGreaterThan(8);
		expect(call?.media).toMatchObject({ lost: 0, refused: 0, unreadable: 0 });
		expect(Math.max(0, ...(call?.media?.gapsMs ?? []))).toBeLessThan(1_000);
		expect(call?.media?.heardMs).toBeGreaterThan(8_600);
	});

	it('sends a voice note', async () => {
		const report = await run('note');
		expect(report).toMatchObject({ success: true, status: 'sent', to: `${THEIRS}@s.whatsapp.net` });
		expect(report.seconds).toBeCloseTo(8.6, 0);
		const arrived = async () => {
			const { seen } = await simulator.phone(THEIRS);
			return seen.messages.length === 2 ? seen.messages : undefined;
		};
		const messages = await waitUntil('The voice note', arrived, ARRIVAL_TIMEOUT_MS);
		for (const message of messages) {
			expect(message).toMatchObject({ id: report.messageId, voice: { seconds: 9 } });
		}
	});

	it('lets go of the session when n8n ends, and `n8n execute` takes it and ends', async () => {
		await stage.server.stop();
		const folder = join(stage.userFolder, '.n8n/whatsapp-call/main');
		expect(existsSync(join(folder, 'lock'))).toBe(false);

		await simulator.script(THEIRS, { onCall: 'answer', afterSeconds: 1 });
		const { execution, exitCode, printed } = await stage.n8n.execute(stored.id);
		expect(itemsOf(execution, 'Phone')).toMatchObject([
			{ json: { outcome: 'answered', rang: true, talkSeconds: 0 } },
		]);
		expect(exitCode).toBe(0);
		expect(existsSync(join(folder, 'lock'))).toBe(false);
		for (const secret of SECRETS) {
			expect(printed + stage.server.printed).not.toContain(secret);
		}
	});
});
