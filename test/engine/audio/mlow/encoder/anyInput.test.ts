import { MlowEncoder } from '../../../../../engine/audio/mlow/encoder/mlowEncoder';
import {
	emptyInternalFrame,
	type InternalFrame,
	INTERNAL_FRAMES,
	NO_GAIN,
} from '../../../../../engine/audio/mlow/frameParameters';
import { PacketReader } from '../../../../../engine/audio/mlow/readPacket';
import { PacketWriter } from '../../../../../engine/audio/mlow/writePacket';
import { SeededRandom } from './seededRandom';

const INPUTS = 1000;

type Generator = (random: SeededRandom) => (n: number) => number;

const SPECIAL = [NaN, Infinity, -Infinity, 1e30, -1e30, 1e-40, 0, -0, 1, -1];

const GENERATORS: Record<string, Generator> = {
	silence: () => () => 0,
	direct: (random) => {
		const level = 2 * random.next() - 1;
		return () => level;
	},
	noise: (random) => {
		const level = 10 ** (-5 * random.next());
		return () => level * (2 * random.next() - 1);
	},
	tooLoudNoise: (random) => () => 100 * (random.next() - 0.5),
	sine: (random) => {
		const level = 10 ** (-4 * random.next());
		const step = random.next() * Math.PI;
		return (n) => level * Math.sin(n * step);
	},
	sweep: (random) => {
		const rate = random.next() / 300;
		return (n) => 0.7 * Math.sin(n * n * rate);
	},
	square: (random) => {
		const half = 1 + random.below(200);
		return (n) => (Math.floor(n / half) % 2 === 0 ? 1 : -1);
	},
	impulses: (random) => {
		const period = 1 + random.below(600);
		const level = 2 * random.next() - 1;
		return (n) => (n % period === 0 ? level : 0);
	},
	oneImpulse: (random) => {
		const at = random.below(960);
		return (n) => (n === at ? 1 : 0);
	},
	step: (random) => {
		const at = random.below(960);
		return (n) => (n < at ? -0.9 : 0.9);
	},
	special: (random) => () => SPECIAL[random.below(SPECIAL.length)]!,
	speckledNoise: (random) => () =>
		random.next() < 0.02 ? SPECIAL[random.below(SPECIAL.length)]! : 0.1 * (random.next() - 0.5),
	nyquist: () => (n) => (n % 2 === 0 ? 1 : -1),
	denormal: (random) => () => 1e-39 * random.next(),
	leastBits: (random) => () => Math.round(2 * random.next() - 1) / 32768,
	burst: (random) => {
		const from = random.below(960);
		return (n) => (n > from && n < from + 100 ? 2 * random.next() - 1 : 0);
	},
};

/** Everything that the range coder carries of a frame; what it does not carry is left out. */
function carried(frame: InternalFrame): unknown {
	const { voiced, lsfGrid, lsfSymbols, lsfInterpolation, pulses, pulseGains } = frame;
	const common = { voiced, lsfGrid, lsfSymbols: [...lsfSymbols], lsfInterpolation };
	const excitation = { pulses: [...pulses], pulseGains: [...pulseGains] };
	if (voiced) {
		const { contour, lagIndices, pitchGains } = frame;
		return {
			...common,
			...excitation,
			contour,
			lagIndices: [...lagIndices],
			pitchGains: [...pitchGains],
		};
	}
	return { ...common, ...excitation, level: frame.energyLevel, shape: frame.energyShape };
}

it(`reads back what it wrote for ${INPUTS} inputs of every kind`, () => {
	const written: unknown[] = [];
	const write = jest.spyOn(PacketWriter.prototype, 'write');
	const random = new SeededRandom(2024);
	const names = Object.keys(GENERATORS);
	const encoder = new MlowEncoder();
	const reader = new PacketReader();
	const frames = Array.from({ length: INTERNAL_FRAMES }, emptyInternalFrame);
	const samples = new Float32Array(960);
	let silent = 0;
	let voiced = 0;
	try {
		for (let input = 0; input < INPUTS; input++) {
			// Some inputs go on for a while, some begin anew.
			if (random.next() < 0.05) encoder.reset();
			const generate = GENERATORS[names[random.below(names.length)]!]!(random);
			for (let n = 0; n < samples.length; n++) samples[n] = generate(n);
			write.mockClear();
			const payload = encoder.encode(samples);
			if (payload.length === 1) {
				expect(payload[0]).toBe(0x90);
				expect(write).not.toHaveBeenCalled();
				silent++;
				continue;
			}
			expect(payload[0]).toBe(0x50);
			expect(payload.length).toBeLessThan(600);
			written.splice(0, written.length, ...write.mock.calls[0]![0].map(carried));
			expect(reader.read(payload, frames)).toBe('speech');
			expect(frames.map(carried)).toEqual(written);
			for (const frame of frames) {
				if (frame.voiced) voiced++;
				expect([...frame.pulseGains].every((gain) => gain >= NO_GAIN)).toBe(true);
			}
		}
	} finally {
		write.mockRestore();
	}
	expect(silent).toBeGreaterThan(10);
	expect(silent).toBeLessThan(INPUTS / 2);
	expect(voiced).toBeGreaterThan(100);
});

it('takes short and long inputs: what is missing counts as silence', () => {
	const encoder = new MlowEncoder();
	expect([...encoder.encode(new Float32Array(0))]).toEqual([0x90]);
	expect(encoder.encode(new Float32Array(2000).fill(0.5))[0]).toBe(0x50);
});
