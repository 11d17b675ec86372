import { get } from 'node:https';

const PATIENCE_MS = 10_000;

/** Fetches a file as a phone does. Rejects for anything but a whole file. */
export function download(url: string, ca: string): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const request = get(url, { ca, agent: false, timeout: PATIENCE_MS }, (response) => {
			if (response.statusCode !== 200) {
				response.resume();
				reject(new Error(`the media server answers with ${response.statusCode}`));
				return;
			}
			const pieces: Buffer[] = [];
			response.on('data', (piece: Buffer) => pieces.push(piece));
			response.on('error', reject);
			response.on('end', () => resolve(Buffer.concat(pieces)));
		});
		request.on('timeout', () => request.destroy(new Error('the media server takes too long')));
		request.on('error', reject);
	});
}
