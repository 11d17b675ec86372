import { decodeAudio, decodeToMono16k } from '../../../../engine/audio/decode';
import { FRAME_SAMPLES, SAMPLE_RATE_HZ, type AudioFormat } from '../../../../engine/audio/types';
import { SpeechClips } from '../../../support/speech';
import { align, collect, spectralDistance } from './compare';

const clips = new SpeechClips();
afterAll(() => clips.remove());

interface Case {
	name: string;
	format: AudioFormat;
	bytes: () => Uint8Array;
	/** Spectra are compared up to here: nearly half the rate of the file, or what the codec keeps. */
	bandwidthHz?: number;
	/** Where the file holds the speech in one of so many channels only. */
	gain?: number;
	minCorrelation: number;
	maxDistanceDb: number;
}

/** What loses nothing differs by the two resamplers, and by what a lower rate of the file cuts off. */
const LOSSLESS = { minCorrelation: 0.99, maxDistanceDb: 0.3 };
const LOSSY = { minCorrelation: 0.97, maxDistanceDb: 4 };

const CASES: Case[] = [
	...[8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000].map((rateHz) => ({
		name: `WAV of ${rateHz} Hz`,
		format: 'wav' as const,
		bytes: () => clips.bySox(`r${rateHz}.wav`, ['-r', String(rateHz)]),
		bandwidthHz: 0.44 * Math.min(rateHz, SAMPLE_RATE_HZ),
		...LOSSLESS,
	})),
	...[1, 2, 6, 7].map((channels) => ({
		name: `WAV of ${channels} channels`,
		format: 'wav' as const,
		bytes: () => clips.bySox(`c${channels}.wav`, ['-c', String(channels)]),
		...LOSSLESS,
	})),
	...[1, 2, 7].map((channels) => ({
		name: `FLAC of ${channels} channels`,
		format: 'flac' as const,
		bytes: () => clips.bySox(`c${channels}.flac`, ['-c', String(channels)]),
		...LOSSLESS,
	})),
	...[8000, 11_025, 44_100, 192_000].map((rateHz) => ({
		name: `FLAC of ${rateHz} Hz and 24 bits`,
		format: 'flac' as const,
		bytes: () => clips.bySox(`r${rateHz}.flac`, ['-r', String(rateHz), '-b', '24']),
		bandwidthHz: 0.44 * Math.min(rateHz, SAMPLE_RATE_HZ),
		...LOSSLESS,
	})),
	{
		name: 'FLAC by ffmpeg',
		format: 'flac',
		bytes: () => clips.byFfmpeg('a.flac', '-ar', '48000'),
		...LOSSLESS,
	},
	...[
		['-b:a', '128k', '-ar', '44100', '-ac', '2'],
		['-b:a', '64k', '-ar', '22050'],
		['-q:a', '4', '-ar', '48000'],
		['-b:a', '32k', '-ar', '16000'],
		['-b:a', '128k', '-ar', '44100', '-write_xing', '0'],
	].map((parameters) => ({
		name: `MP3 ${parameters.join(' ')}`,
		format: 'mp3' as const,
		bytes: () => clips.byFfmpeg('a.mp3', ...parameters),
		bandwidthHz: 5000,
		...LOSSY,
	})),
	{
		name: 'MP2',
		format: 'mp3',
		bytes: () => clips.byFfmpeg('a.mp2', '-ar', '44100', '-b:a', '192k'),
		bandwidthHz: 5000,
		...LOSSY,
	},
	...[
		['-ar', '44100', '-q:a', '4'],
		['-ar', '22050', '-ac', '2'],
	].map((parameters) => ({
		name: `Ogg Vorbis ${parameters.join(' ')}`,
		format: 'ogg-vorbis' as const,
		bytes: () => clips.byFfmpeg('vorbis.ogg', '-c:a', 'libvorbis', ...parameters),
		bandwidthHz: 6000,
		...LOSSY,
	})),
	...[
		['-b:a', '48k'],
		['-b:a', '64k', '-ac', '2'],
		['-b:a', '24k', '-application', 'voip', '-frame_duration', '60'],
		['-b:a', '160k', '-ac', '6', '-mapping_family', '1'],
	].flatMap((parameters) => [
		{
			name: `Ogg Opus ${parameters.join(' ')}`,
			format: 'ogg-opus' as const,
			bytes: () => clips.byFfmpeg('opus.ogg', '-c:a', 'libopus', ...parameters),
			gain: parameters.includes('6') ? 6 : 1,
			bandwidthHz: 5000,
			minCorrelation: 0.93,
			maxDistanceDb: 5,
		},
		{
			name: `WebM Opus ${parameters.join(' ')}`,
			format: 'webm-opus' as const,
			bytes: () => clips.byFfmpeg('opus.webm', '-c:a', 'libopus', ...parameters),
			gain: parameters.includes('6') ? 6 : 1,
			bandwidthHz: 5000,
			minCorrelation: 0.93,
			maxDistanceDb: 5,
		},
	]),
	{
		name: 'WebM Opus as browsers write it, without sizes',
		format: 'webm-opus',
		bytes: () =>
			clips.byFfmpeg('live.webm', '-c:a', 'libopus', '-b:a', '48k', '-f', 'webm', '-live', '1'),
		bandwidthHz: 5000,
		minCorrelation: 0.93,
		maxDistanceDb: 5,
	},
	{
		name: 'Matroska Opus',
		format: 'webm-opus',
		bytes: () => clips.byFfmpeg('opus.mka', '-c:a', 'libopus', '-b:a', '48k'),
		bandwidthHz: 5000,
		minCorrelation: 0.93,
		maxDistanceDb: 5,
	},
	{
		name: 'AMR, narrow band',
		format: 'amr',
		bytes: () => clips.bySox('a.amr-nb', ['-r', '8000', '-C', '7']),
		bandwidthHz: 3400,
		minCorrelation: 0.8,
		maxDistanceDb: 6,
	},
	{
		name: 'AIFF',
		format: 'aiff',
		bytes: () => clips.bySox('a.aiff', ['-r', '44100', '-c', '2']),
		...LOSSLESS,
	},
];

describe('decoding without ffmpeg', () => {
	it.each(CASES)('$name sounds like its source', async (example) => {
		const { format, bytes, bandwidthHz = 7000, gain = 1, minCorrelation, maxDistanceDb } = example;
		const source = clips.samples(SAMPLE_RATE_HZ);
		const decoded = await collect(decodeToMono16k(bytes(), format));

		expect(Math.abs(decoded.length - source.length)).toBeLessThanOrEqual(FRAME_SAMPLES);
		const found = align(decoded, source, 500);
		const levelled = decoded.map((sample) => sample * gain);
		const moved = levelled.subarray(Math.max(0, found.lag));
		const reference = source.subarray(Math.max(0, -found.lag));
		const distance = spectralDistance(reference, moved, bandwidthHz / SAMPLE_RATE_HZ);
		if (process.env.DECODE_FIGURES) {
			process.stdout.write(
				`${example.name}: ${decoded.length - source.length} samples, lag ${found.lag}, correlation ${found.correlation.toFixed(4)}, distance ${distance.toFixed(2)} dB\n`,
			);
		}
		expect(found.correlation).toBeGreaterThan(minCorrelation);
		expect(distance).toBeLessThan(maxDistanceDb);
	});

	it('AMR, wide band, sounds as ffmpeg plays it', async () => {
		// No encoder here makes one: packets of any bits are sounds of a kind for this codec.
		const frames = Array.from({ length: 100 }, (_, frame) => [
			0x14,
			...Array.from(
				{ length: 32 },
				(__, byte) => (frame * 97 + byte * byte * 31 + 7 * byte) & 0xff,
			),
		]);
		const bytes = Uint8Array.from([...Buffer.from('#!AMR-WB\n'), ...frames.flat()]);
		const reference = clips.decodedByFfmpeg('a.awb', bytes, SAMPLE_RATE_HZ);
		const decoded = await collect(decodeToMono16k(bytes, 'amr'));
		expect(decoded).toHaveLength(reference.length);
		expect(align(decoded, reference, 4).correlation).toBeGreaterThan(0.9);
	});

	it('gives pieces of less than a second, with all channels', async () => {
		for (const [bytes, format, channelCount] of [
			[clips.bySox('p.wav', ['-r', '44100', '-c', '7']), 'wav', 7],
			[clips.bySox('p.flac', ['-r', '44100', '-c', '2']), 'flac', 2],
			[clips.byFfmpeg('p.mp3', '-ac', '2', '-b:a', '128k', '-ar', '44100'), 'mp3', 2],
			[clips.byFfmpeg('p.ogg', '-ac', '2', '-c:a', 'libvorbis'), 'ogg-vorbis', 2],
			[clips.byFfmpeg('p.opus', '-ac', '2', '-c:a', 'libopus'), 'ogg-opus', 1],
		] as const) {
			let pieces = 0;
			for await (const { channels, sampleRateHz } of decodeAudio(bytes, format)) {
				pieces++;
				expect(channels).toHaveLength(channelCount);
				for (const channel of channels) {
					expect(channel).toHaveLength(channels[0]!.length);
					expect(channel.length).toBeLessThanOrEqual(sampleRateHz);
				}
			}
			expect(pieces).toBeGreaterThan(5);
		}
	});
});
