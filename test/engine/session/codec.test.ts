import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baileysPort } from '../../../engine/session';
import { SessionStore } from '../../../engine/session/sessionStore';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };

it("a store keeps what Baileys' own codec makes", async () => {
	const folder = await mkdtemp(join(tmpdir(), 'session-codec-'));
	const codec = await baileysPort({ logger: silent }).codec();
	const open = (): Promise<SessionStore> =>
		SessionStore.open({ folder, codec, now: Date.now, onDamage: silent.warn });
	const store = await open();
	await store.saveCreds();
	const hash = { version: 3, hash: Buffer.alloc(128, 1), indexValueMap: {} };
	await store.keys.set({
		'app-state-sync-key': {
			AAA: codec.reviveAppStateKey({ keyData: 'azE=', timestamp: 5 }),
		},
		'app-state-sync-version': { regular: hash },
	});
	await store.close();

	const again = await open();
	const bytes = (value: Uint8Array): Buffer => Buffer.from(value);
	expect(bytes(again.creds.noiseKey.private)).toEqual(bytes(store.creds.noiseKey.private));
	const { AAA } = await again.keys.get('app-state-sync-key', ['AAA']);
	expect(bytes(AAA?.keyData ?? new Uint8Array()).toString()).toBe('k1');
	expect(AAA).toHaveProperty('toJSON');
	expect(await again.keys.get('app-state-sync-version', ['regular'])).toEqual({ regular: hash });
	await again.close();
	await rm(folder, { recursive: true });
});
