import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { createOpusDecoder, createOpusEncoder } from './opusHandles';
import type { OpusDecoder, OpusEncoder, OpusEncoderSettings } from './opusHandles';
import { isLibopusModule } from './libopusModule';

/**
 * libopus in WebAssembly, ready to use. Each has a memory of its own (17 MB): load one per thread
 * and pass it on.
 */
export interface OpusLibrary {
	/** Such as `libopus 1.6.1`. */
	version: string;
	/** Bytes of WebAssembly memory, which never shrinks. */
	memoryBytes(): number;
	/** @throws Error when libopus refuses the settings or its memory is used up */
	createEncoder(settings: OpusEncoderSettings): OpusEncoder;
	/**
	 * @param sampleRateHz of the output: 8000, 12000, 16000, 24000 or 48000
	 * @param channels 1 or 2, of the output: packets of either kind are decoded
	 * @throws Error when libopus refuses the settings or its memory is used up
	 */
	createDecoder(sampleRateHz: number, channels: 1 | 2): OpusDecoder;
}

const PACKAGE = 'libopus-wasm';
const MODULE_FILE = 'dist/generated/libopus.generated.mjs';

/**
 * Loads a fresh instance of libopus.
 *
 * It takes the compiled module out of libopus-wasm 0.2.0 past the front door: that package makes
 * encoders and decoders by promises only and cannot reset them, while a call needs both at once.
 * The version is pinned, and a module of another shape is refused.
 *
 * @throws Error when the package is missing or not the expected one
 */
export async function loadOpusLibrary(): Promise<OpusLibrary> {
	const file = (require.resolve.paths(PACKAGE) ?? [])
		.map((folder) => join(folder, PACKAGE, MODULE_FILE))
		.find((candidate) => existsSync(candidate));
	if (file === undefined) {
		throw new Error(
			`The package ${PACKAGE} is not installed completely: ${MODULE_FILE} is missing`,
		);
	}
	const imported = (await import(pathToFileURL(file).href)) as { default: () => Promise<unknown> };
	const module = await imported.default();
	if (!isLibopusModule(module)) {
		throw new Error(`The package ${PACKAGE} is not the version that this package was made for`);
	}
	return {
		version: module.UTF8ToString(module._oc_get_version_string()),
		memoryBytes: () => module.HEAPU8.byteLength,
		createEncoder: (settings) => createOpusEncoder(module, settings),
		createDecoder: (sampleRateHz, channels) => createOpusDecoder(module, sampleRateHz, channels),
	};
}
