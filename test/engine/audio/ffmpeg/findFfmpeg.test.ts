import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findFfmpeg, systemPlaces } from '../../../../engine/audio/ffmpeg/findFfmpeg';

const folder = mkdtempSync(join(tmpdir(), 'find-ffmpeg-'));
const onPath = join(folder, 'ffmpeg');
const bundledFile = join(folder, 'bundled');
const configuredFile = join(folder, 'configured');
const notExecutable = join(folder, 'plain');

beforeAll(() => {
	for (const file of [onPath, bundledFile, configuredFile, notExecutable]) {
		writeFileSync(file, '#!/bin/sh\n');
		chmodSync(file, file === notExecutable ? 0o600 : 0o700);
	}
});
afterAll(() => rmSync(folder, { recursive: true }));

const places = {
	configured: undefined as string | undefined,
	searchPath: ['/nowhere', '', folder].join(delimiter),
	bundled: async (): Promise<string | undefined> => bundledFile,
};

test('the configured one comes first, then the bundled one, then PATH', async () => {
	expect(await findFfmpeg({ ...places, configured: configuredFile })).toBe(configuredFile);
	expect(await findFfmpeg(places)).toBe(bundledFile);
	expect(await findFfmpeg({ ...places, bundled: async () => undefined })).toBe(onPath);
});

test('a bundled one whose file is missing is passed over: n8n runs no install scripts', async () => {
	expect(await findFfmpeg({ ...places, bundled: async () => join(folder, 'missing') })).toBe(
		onPath,
	);
});

test('there may be none', async () => {
	expect(
		await findFfmpeg({ configured: '', searchPath: undefined, bundled: async () => undefined }),
	).toBeUndefined();
});

test.each([notExecutable, '/nowhere/ffmpeg'])(
	'a configured one that cannot be run is named: %s',
	async (configured) => {
		await expect(findFfmpeg({ ...places, configured })).rejects.toMatchObject({
			code: 'INVALID_OPTION',
			message: expect.stringContaining('FFMPEG_PATH'),
		});
	},
);

test('the places of this process are FFMPEG_PATH, ffmpeg-static and PATH', async () => {
	const found = systemPlaces({ FFMPEG_PATH: '/x', PATH: '/y' });
	expect(found).toMatchObject({ configured: '/x', searchPath: '/y' });
	const bundled = await found.bundled();
	expect(bundled === undefined || bundled.includes('ffmpeg-static')).toBe(true);
});
