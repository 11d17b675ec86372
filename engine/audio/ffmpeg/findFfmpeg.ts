import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { CallError } from '../../../common/errors';

/** Where ffmpeg may be told or found. */
export interface FfmpegPlaces {
	/** `FFMPEG_PATH`: the ffmpeg to use, and no other. */
	configured: string | undefined;
	/** `PATH` of the process. */
	searchPath: string | undefined;
	/** Path that the optional package ffmpeg-static names; its file is often missing, see below. */
	bundled: () => Promise<string | undefined>;
}

/**
 * The ffmpeg to use: the configured one, else the one of ffmpeg-static, else the first on PATH.
 * ffmpeg-static downloads its binary in an install script, which n8n never runs, so its file is
 * looked for and not taken for granted.
 *
 * @returns its path, or undefined when there is none
 * @throws CallError INVALID_OPTION when a configured one cannot be run
 */
export async function findFfmpeg(places: FfmpegPlaces): Promise<string | undefined> {
	const { configured, searchPath = '' } = places;
	if (configured !== undefined && configured !== '') {
		if (await isExecutable(configured)) {
			return configured;
		}
		throw new CallError('INVALID_OPTION', 'FFMPEG_PATH does not name a program that can be run', {
			hint: 'Set FFMPEG_PATH to the full path of ffmpeg, or remove it: most formats work without ffmpeg.',
		});
	}
	const bundled = await places.bundled();
	const candidates = [
		...(bundled === undefined ? [] : [bundled]),
		...searchPath
			.split(delimiter)
			.filter((folder) => folder !== '')
			.map((folder) => join(folder, process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg')),
	];
	for (const candidate of candidates) {
		if (await isExecutable(candidate)) {
			return candidate;
		}
	}
	return undefined;
}

/** The places of this process. */
export function systemPlaces(environment: NodeJS.ProcessEnv): FfmpegPlaces {
	return {
		configured: environment.FFMPEG_PATH,
		searchPath: environment.PATH,
		bundled: async () => {
			try {
				const { default: path } = (await import('ffmpeg-static')) as { default: unknown };
				return typeof path === 'string' ? path : undefined;
			} catch {
				return undefined;
			}
		},
	};
}

async function isExecutable(path: string): Promise<boolean> {
	return await access(path, constants.X_OK).then(
		() => true,
		() => false,
	);
}
