import { MlowDecoder } from '../../../../../engine/audio/mlow';
import { FrameSynthesis } from '../../../../../engine/audio/mlow/decoder/frameSynthesis';
import {
	HarmonicPostFilter,
	SIGNAL_HISTORY,
} from '../../../../../engine/audio/mlow/decoder/harmonicPostFilter';
import { NoiseFilling } from '../../../../../engine/audio/mlow/decoder/noiseFilling';
import {
	PitchHighPass,
	representativeLag,
} from '../../../../../engine/audio/mlow/decoder/pitchHighPass';
import { WhiteNoise } from '../../../../../engine/audio/mlow/decoder/whiteNoise';
import { readPacket } from '../../../../../engine/audio/mlow/readPacket';
import { signalToNoiseDb } from '../support/signals';
import { fromHex, readVectors } from '../support/vectorFiles';

interface SubframeTrace {
	exc: number[];
	noise: number[];
	lsf_interp?: number[];
	noise_state_int: [previousVoiced: number, voicedSubframes: number, seed: number];
}

interface FrameTrace {
	A?: number[][];
	subframes: SubframeTrace[];
	norm_br: number;
	pre_hp?: number[];
	hp_lag: number;
	post_hp: number[];
}

interface PacketTrace {
	intf: FrameTrace[];
	harm_norm_br: number;
	lags24: number[];
	out: number[];
	frame_hex: string;
}

/** Tolerance of the vectors: 1e-4 relative. */
const REQUIRED_DB = 80;
/**
 * Where the noise has to fall to nothing, what is left of it is the rounding of the reference's single
 * precision: there it may differ by a tenth of what 16 bits can tell apart.
 */
const INAUDIBLE = 3e-6;

const { packets } = readVectors('decoder_trace.json') as { packets: PacketTrace[] };

function expectClose(actual: ArrayLike<number>, expected: number[]): void {
	const db = signalToNoiseDb(actual, expected);
	if (db > REQUIRED_DB) return;
	const largest = Math.max(...expected.map((value, n) => Math.abs(value - (actual[n] ?? 0))));
	expect(largest).toBeLessThan(INAUDIBLE);
}

describe('decoder, step by step', () => {
	test('excitation, noise and LSF of every subframe are those of the trace', () => {
		const heard: Array<{ excitation: Float64Array; noise: Float64Array; lsf: Float64Array }> = [];
		const fill = NoiseFilling.prototype.fill;
		const spy = jest.spyOn(NoiseFilling.prototype, 'fill').mockImplementation(function (
			this: NoiseFilling,
			input,
			out,
		) {
			fill.call(this, input, out);
			const { excitation, lsf } = input;
			heard.push({ excitation: excitation.slice(), noise: out.slice(), lsf: lsf.slice() });
		});
		try {
			const decoder = new MlowDecoder();
			for (const { frame_hex: hex } of packets) decoder.decode(fromHex(hex));
		} finally {
			spy.mockRestore();
		}
		const expected = packets.flatMap(({ intf }) => intf.flatMap(({ subframes }) => subframes));
		expect(heard).toHaveLength(expected.length);
		expected.forEach(({ exc, noise, lsf_interp: lsf }, index) => {
			expectClose(heard[index]?.excitation ?? [], exc);
			expectClose(heard[index]?.noise ?? [], noise);
			if (lsf !== undefined) expectClose(heard[index]?.lsf ?? [], lsf);
		});
	});

	test('the random source has drawn as often as in the trace', () => {
		const seeds: number[] = [];
		const sources = new Set<WhiteNoise>();
		const draw = WhiteNoise.prototype.fill;
		const drawn = jest.spyOn(WhiteNoise.prototype, 'fill').mockImplementation(function (
			this: WhiteNoise,
			out,
		) {
			sources.add(this);
			draw.call(this, out);
		});
		const fill = NoiseFilling.prototype.fill;
		const filled = jest.spyOn(NoiseFilling.prototype, 'fill').mockImplementation(function (
			this: NoiseFilling,
			input,
			out,
		) {
			fill.call(this, input, out);
			for (const { seed } of sources) seeds.push(seed);
		});
		try {
			const decoder = new MlowDecoder();
			for (const { frame_hex: hex } of packets) decoder.decode(fromHex(hex));
		} finally {
			drawn.mockRestore();
			filled.mockRestore();
		}
		const states = packets.flatMap(({ intf }) => intf.flatMap(({ subframes }) => subframes));
		expect(seeds).toEqual(states.map(({ noise_state_int: state }) => state[2]));
	});

	test('synthesis and both post-filters make the signals of the trace, and the lags are its', () => {
		const synthesis = new FrameSynthesis();
		const highPass = new PitchHighPass();
		const postFilter = new HarmonicPostFilter();
		const signal = new Float64Array(SIGNAL_HISTORY + 960);
		const lags = new Float64Array(24);
		const out = new Float32Array(960);
		for (const packet of packets) {
			signal.copyWithin(0, 960);
			packet.intf.forEach((frame, index) => {
				const read = readPacket(fromHex(packet.frame_hex))?.[index];
				if (read === undefined) throw new Error('The packet of the trace cannot be read');
				const start = SIGNAL_HISTORY + 320 * index;
				synthesis.decode(read, signal, start, lags, 8 * index);
				expect(synthesis.bitrate).toBeCloseTo(frame.norm_br, 5);
				if (frame.pre_hp) expectClose(signal.slice(start, start + 320), frame.pre_hp);
				const lag = representativeLag(lags, 8 * index);
				expect(lag).toBeCloseTo(frame.hp_lag, 3);
				highPass.process(signal, start, lag);
				expectClose(signal.slice(start, start + 320), frame.post_hp);
			});
			expect([...lags]).toEqual(packet.lags24);
			postFilter.process(signal, lags, packet.harm_norm_br, out);
			expectClose(out, packet.out);
		}
	});
});
