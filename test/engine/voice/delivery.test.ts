import { EventEmitter } from 'node:events';
import { deliver } from '../../../engine/voice/delivery';
import { readMediaServers } from '../../../engine/voice/mediaServers';
import type { VoiceLine } from '../../../engine/voice/voiceTypes';

const clock = {
	now: () => 0,
	sleep: async () => new Promise<void>((done) => setTimeout(done, 20)),
};

/** A connection on which nothing happens by itself. */
function newLine(): { line: VoiceLine; ws: EventEmitter; transport: { isOpen: boolean } } {
	const ws = new EventEmitter();
	const transport = { isOpen: true, onClosed: () => () => undefined };
	return { line: { socket: { ws }, transport } as unknown as VoiceLine, ws, transport };
}

function boom(message: string, statusCode: number): Error {
	return Object.assign(new Error(message), { isBoom: true, output: { statusCode } });
}

function failing(error: Error): () => Promise<never> {
	return () => Promise.reject(error);
}

describe('a message on its way', () => {
	it('is confirmed by the ack of its own id', async () => {
		const { line, ws } = newLine();
		const send = async (): Promise<void> => {
			ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id: 'other', error: '500' } });
			ws.emit('CB:ack,class:message', 'nonsense');
			ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id: 'A1' } });
		};
		expect(await deliver('A1', send, line, clock)).toEqual({});
		expect(ws.eventNames()).toEqual([]);
	});

	it('is refused by an ack with an error', async () => {
		const { line, ws } = newLine();
		const send = async (): Promise<void> =>
			void ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id: 'A1', error: '463' } });
		expect(await deliver('A1', send, line, clock)).toEqual({ refusal: '463' });
	});

	it.each([
		['All encryptions failed', 500, true, 'RECIPIENT_UNREACHABLE'],
		['Unknown error', 500, true, 'NETWORK_UNREACHABLE'],
		['Connection Closed', 428, false, 'NETWORK_UNREACHABLE'],
	])('never left when Baileys says "%s"', async (text, status, isOpen, code) => {
		const { line, transport } = newLine();
		transport.isOpen = isOpen;
		const sending = deliver('A1', failing(boom(text, status)), line, clock);
		await expect(sending).rejects.toMatchObject({ code });
	});

	it.each([
		['the keys could not be stored', new Error('ENOSPC')],
		['it took too long', boom('Timed Out', 408)],
	])('may have left when %s: only an ack can tell', async (_what, error) => {
		const { line, ws } = newLine();
		const silent = deliver('A1', failing(error), line, clock);
		await expect(silent).rejects.toMatchObject({ code: 'MAYBE_PLACED' });
		const confirmed = deliver('A1', failing(error), line, clock);
		ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id: 'A1' } });
		expect(await confirmed).toEqual({});
	});
});

describe('the media servers', () => {
	const answer = (hosts: unknown[]) => ({
		tag: 'iq',
		attrs: {},
		content: [{ tag: 'media_conn', attrs: { auth: 'secret' }, content: hosts }],
	});
	const host = (hostname?: string) => ({ tag: 'host', attrs: { hostname } });

	it('are read; names that could change a URL are left out', () => {
		const names = ['mmg.whatsapp.net', '127.0.0.1:4433', 'a/b', 'a?b', 'a@b', '', 'a:b'];
		expect(readMediaServers(answer([...names.map(host), host(), 'text', null]))).toEqual({
			hosts: ['mmg.whatsapp.net', '127.0.0.1:4433'],
			auth: 'secret',
		});
	});

	it.each([undefined, 'text', {}, { tag: 'iq', attrs: {} }])('%j names none', (nonsense) => {
		expect(readMediaServers(nonsense)).toEqual({ hosts: [], auth: '' });
	});
});
