import { EventEmitter } from 'node:events';
import type { WASocket } from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };
import {
	BaileysTransport,
	createBaileysTransport,
	type CallSocket,
} from '../../../engine/call/baileysTransport';
import type { BinaryNode } from '../../../engine/call/stanzas/binaryNode';
import type { TokenEntry } from '../../../engine/call/trustedContactTokens';
import { PEER, TABLET } from './support/callEvents';
import { NUMBER, PHONE } from './support/fakeTransport';
import { ManualClock } from './support/manualClock';

const NOW_SECONDS = Date.UTC(2026, 0, 1) / 1_000;
const WEEK_SECONDS = 604_800;

/** Fails to compile when a real socket no longer fits. */
const fromBaileys = (socket: WASocket, clock: ManualClock) => createBaileysTransport(socket, clock);

class FakeWebSocket extends EventEmitter {
	isOpen = true;
}

function newSocket() {
	const ws = new FakeWebSocket();
	const ev = new EventEmitter();
	const tokens: Record<string, TokenEntry> = {};
	const calls: unknown[][] = [];
	const record =
		<T>(name: string, answer: (...values: never[]) => T) =>
		async (...values: unknown[]): Promise<T> => {
			calls.push([name, ...values]);
			return answer(...(values as never[]));
		};
	const socket = {
		ws,
		ev,
		authState: {
			creds: {
				me: { id: '5511888888888:23@s.whatsapp.net', lid: '111111111111111:23@lid' },
				account: { details: new Uint8Array([1]), accountSignatureKey: new Uint8Array([2]) },
			},
			keys: {
				get: (_type: string, ids: string[]) =>
					Object.fromEntries(ids.flatMap((id) => (tokens[id] ? [[id, tokens[id]]] : []))),
				set: ({ tctoken }: { tctoken: Record<string, TokenEntry> }) => {
					Object.assign(tokens, tctoken);
				},
			},
		},
		serverProps: { lidTrustedTokenIssueToLid: false as boolean },
		signalRepository: {
			lidMapping: {
				getLIDForPN: record('getLIDForPN', (): string | null => PEER),
				getPNForLID: record('getPNForLID', (): string | null => PHONE),
			},
		},
		onWhatsApp: record('onWhatsApp', (): { jid: string; exists: unknown }[] | undefined => [
			{ jid: PHONE, exists: true },
		]),
		getUSyncDevices: record('getUSyncDevices', () => [{ jid: PEER }, { jid: TABLET }]),
		assertSessions: record('assertSessions', () => true),
		createParticipantNodes: record('createParticipantNodes', (): { nodes: BinaryNode[] } => ({
			nodes: [{ tag: 'to', attrs: { jid: PEER } }],
		})),
		issuePrivacyTokens: record('issuePrivacyTokens', (): unknown => undefined),
		sendNode: record('sendNode', () => undefined),
	} satisfies CallSocket<unknown>;
	const clock = new ManualClock();
	const transport = new BaileysTransport(socket, () => new Uint8Array([7]), clock);
	return { calls, clock, ev, socket, tokens, transport, ws };
}

describe('questions', () => {
	it('a number exists, does not exist, or got no answer', async () => {
		const { calls, socket, transport } = newSocket();
		expect(await transport.lookUpNumber(NUMBER)).toEqual({ exists: true, jid: PHONE });
		expect(calls).toEqual([['onWhatsApp', NUMBER]]);
		socket.onWhatsApp = async () => [];
		expect(await transport.lookUpNumber(NUMBER)).toEqual({ exists: false });
		socket.onWhatsApp = async () => [{ jid: PHONE, exists: false }];
		expect(await transport.lookUpNumber(NUMBER)).toEqual({ exists: false });
		socket.onWhatsApp = async () => undefined;
		await expect(transport.lookUpNumber(NUMBER)).rejects.toMatchObject({
			code: 'NETWORK_UNREACHABLE',
		});
	});

	it('the hidden id of a number, where it is known', async () => {
		const { socket, transport } = newSocket();
		expect(await transport.lidOf(PHONE)).toBe(PEER);
		socket.signalRepository.lidMapping.getLIDForPN = async () => null;
		expect(await transport.lidOf(PHONE)).toBeUndefined();
	});

	it('devices come from the memory of Baileys unless they must be fresh', async () => {
		const { calls, transport } = newSocket();
		expect(await transport.devicesOf(PEER, false)).toEqual([PEER, TABLET]);
		await transport.devicesOf(PEER, true);
		expect(calls).toEqual([
			['getUSyncDevices', [PEER], true, false],
			['getUSyncDevices', [PEER], false, false],
		]);
	});

	it('sessions are made anew only when asked for', async () => {
		const { calls, transport } = newSocket();
		await transport.ensureSessions([PEER], false);
		await transport.ensureSessions([PEER], true);
		expect(calls).toEqual([
			['assertSessions', [PEER], false],
			['assertSessions', [PEER], true],
		]);
	});

	it('a failure before the call says whether the connection is gone, and nothing of its details', async () => {
		const { socket, transport, ws } = newSocket();
		socket.assertSessions = async () => {
			throw new Error('secret');
		};
		await expect(transport.ensureSessions([PEER], false)).rejects.toMatchObject({
			code: 'NETWORK_UNREACHABLE',
			message: 'WhatsApp did not answer before anything was sent (sessions)',
		});
		ws.isOpen = false;
		expect(transport.isOpen).toBe(false);
		await expect(transport.ensureSessions([PEER], false)).rejects.toMatchObject({
			message: 'The connection to WhatsApp broke before anything was sent',
		});
	});
});

describe('our own address', () => {
	it('is that of this device', () => {
		const { socket, transport } = newSocket();
		expect(transport.ownLid).toBe('111111111111111:23@lid');
		socket.authState.creds.me.lid = '111111111111111@lid';
		expect(transport.ownLid).toBe('111111111111111:23@lid');
		socket.authState.creds.me.lid = '';
		expect(transport.ownLid).toBeUndefined();
	});
});

describe('the call key', () => {
	it('is wrapped with a count of zero', async () => {
		const { calls, transport } = newSocket();
		const callKey = new Uint8Array(32);
		expect(await transport.encryptCallKey([PEER], callKey)).toEqual({
			nodes: [{ tag: 'to', attrs: { jid: PEER } }],
		});
		expect(calls).toEqual([
			['createParticipantNodes', [PEER], { call: { callKey } }, { count: '0' }],
		]);
	});

	it('that can be wrapped for nobody gives no nodes', async () => {
		const { socket, transport } = newSocket();
		socket.createParticipantNodes = async () => {
			throw new Error('All encryptions failed');
		};
		expect(await transport.encryptCallKey([PEER], new Uint8Array(32))).toEqual({ nodes: [] });
	});
});

describe('the device identity', () => {
	it('is what the phone signed, with its key', async () => {
		const { clock, socket } = newSocket();
		const { proto } = await import('@whiskeysockets/baileys');
		const transport = await createBaileysTransport(socket, clock);
		expect(proto.ADVSignedDeviceIdentity.decode(transport.deviceIdentity())).toMatchObject({
			details: Buffer.from([1]),
			accountSignatureKey: Buffer.from([2]),
		});
		expect(fromBaileys).toBeDefined();
	});

	it('that is missing means that nothing is linked', () => {
		const { clock, socket } = newSocket();
		const { authState, ...rest } = socket;
		const unlinked = { ...rest, authState: { ...authState, creds: {} } };
		const transport = new BaileysTransport(unlinked, () => new Uint8Array(), clock);
		expect(() => transport.deviceIdentity()).toThrow('no signed device identity');
		expect(transport.ownLid).toBeUndefined();
	});
});

describe('tokens', () => {
	it('of a contact are used for four weeks, and never empty', async () => {
		const { tokens, transport } = newSocket();
		expect(await transport.tokenOf(PEER)).toBeUndefined();
		const token = Buffer.from([1]);
		tokens[PEER] = { token, timestamp: String(NOW_SECONDS) };
		expect(await transport.tokenOf(PEER)).toBe(token);
		tokens[PEER] = { token, timestamp: String(NOW_SECONDS - 4 * WEEK_SECONDS) };
		expect(await transport.tokenOf(PEER)).toBeUndefined();
		tokens[PEER] = { token };
		expect(await transport.tokenOf(PEER)).toBeUndefined();
		tokens[PEER] = { token: Buffer.alloc(0), timestamp: String(NOW_SECONDS) };
		expect(await transport.tokenOf(PEER)).toBeUndefined();
	});

	it('ours goes to the number, once a week, or whenever it must', async () => {
		const { calls, tokens, transport } = newSocket();
		tokens[PEER] = { token: Buffer.from([5]), timestamp: '9' };
		expect(await transport.issueToken(PEER, false)).toBe(true);
		expect(await transport.issueToken(PEER, false)).toBe(false);
		expect(await transport.issueToken(PEER, true)).toBe(true);
		expect(calls.filter(([name]) => name === 'issuePrivacyTokens')).toEqual([
			['issuePrivacyTokens', [PHONE], NOW_SECONDS],
			['issuePrivacyTokens', [PHONE], NOW_SECONDS],
		]);
		expect(tokens[PEER]).toEqual({
			token: Buffer.from([5]),
			timestamp: '9',
			senderTimestamp: NOW_SECONDS,
		});
	});

	it('ours goes to the hidden id where WhatsApp wants that, or knows no number', async () => {
		const { calls, socket, transport } = newSocket();
		socket.serverProps.lidTrustedTokenIssueToLid = true;
		await transport.issueToken(PEER, true);
		socket.serverProps.lidTrustedTokenIssueToLid = false;
		socket.signalRepository.lidMapping.getPNForLID = async () => null;
		await transport.issueToken(PEER, true);
		expect(calls).toEqual([
			['issuePrivacyTokens', [PEER], NOW_SECONDS],
			['issuePrivacyTokens', [PEER], NOW_SECONDS],
		]);
	});

	it('is not given twice at the same time, and may be tried again after a failure', async () => {
		const { socket, transport } = newSocket();
		socket.issuePrivacyTokens = async () => {
			throw new Error('timed out');
		};
		const first = transport.issueToken(PEER, true);
		await expect(first).rejects.toThrow('timed out');
		socket.issuePrivacyTokens = async () => undefined;
		expect(
			await Promise.all([transport.issueToken(PEER, true), transport.issueToken(PEER, true)]),
		).toEqual([true, false]);
	});

	it('that comes with the answer is kept', async () => {
		const { socket, tokens, transport } = newSocket();
		const token = (t: string, content: number) => ({
			tag: 'token',
			attrs: { type: 'trusted_contact', t, jid: PHONE },
			content: new Uint8Array([content]),
		});
		socket.issuePrivacyTokens = async () => ({
			tag: 'iq',
			attrs: {},
			content: [
				{ tag: 'tokens', attrs: {}, content: [token('0', 1), token(String(NOW_SECONDS), 2)] },
			],
		});
		await transport.issueToken(PEER, false);
		expect(await transport.tokenOf(PEER)).toEqual(Buffer.from([2]));
		expect(tokens[PEER]?.timestamp).toBe(String(NOW_SECONDS));
	});
});

describe('stanzas', () => {
	it('are heard from the three events of Baileys, until no longer', () => {
		const { transport, ws } = newSocket();
		const heard: unknown[] = [];
		const stop = transport.onStanza((node) => heard.push(node));
		for (const event of ['CB:call', 'CB:ack,class:call', 'CB:receipt', 'CB:message']) {
			ws.emit(event, event);
		}
		expect(heard).toEqual(['CB:call', 'CB:ack,class:call', 'CB:receipt']);
		stop();
		ws.emit('CB:call', 'more');
		expect(heard).toHaveLength(3);
		expect(ws.eventNames()).toEqual([]);
	});

	it('go out as they are, and nothing is acknowledged: Baileys does that', async () => {
		const { calls, transport, ws } = newSocket();
		const node = { tag: 'call', attrs: {} };
		transport.onStanza(() => undefined);
		ws.emit('CB:call', { tag: 'call', attrs: { id: '1', from: PEER } });
		await transport.send(node);
		expect(calls).toEqual([['sendNode', node]]);
	});
});

describe('the end of the connection', () => {
	it.each([
		['the socket closes', (ws: EventEmitter) => ws.emit('close')],
		[
			'Baileys ends it',
			(_ws: EventEmitter, ev: EventEmitter) => {
				ev.emit('connection.update', { qr: 'x' });
				ev.emit('connection.update', { connection: 'close' });
			},
		],
		[
			'both',
			(ws: EventEmitter, ev: EventEmitter) => {
				ws.emit('close');
				ev.emit('connection.update', { connection: 'close' });
			},
		],
	])('is told once when %s', (_how, end) => {
		const { ev, transport, ws } = newSocket();
		const told = jest.fn();
		transport.onClosed(told);
		end(ws, ev);
		expect(told).toHaveBeenCalledTimes(1);
		expect([...ws.eventNames(), ...ev.eventNames()]).toEqual([]);
	});

	it('is not told to who no longer listens', () => {
		const { ev, transport, ws } = newSocket();
		const told = jest.fn();
		transport.onClosed(told)();
		ws.emit('close');
		ev.emit('connection.update', { connection: 'close' });
		expect(told).not.toHaveBeenCalled();
	});
});
