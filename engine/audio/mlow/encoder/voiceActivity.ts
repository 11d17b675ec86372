import { INTERNAL_FRAMES, INTERNAL_FRAME_SAMPLES } from '../frameParameters';
import { lin2log, sigm } from '../pulseTables';
import { HalfBandSplit, int16, multiplyWide, multiplyWord, saturate16 } from './halfBandSplit';

const BANDS = 4;
/** Parts of an internal frame over which a band's energy is summed; the last belongs to the next one too. */
const PARTS = 4;
const INT32_MAX = 0x7fffffff;
const FIRST_COUNTER = 15;
const COUNTER_END = 1000;
const MAX_NOISE = 0xffffff;
const ACTIVE_ABOVE = 12;
const HANGOVER_MS = 60;
const FRAME_MS = 20;

/** sqrt(x), the approximation that SILK uses. */
function approximateRoot(x: number): number {
	if (x <= 0) return 0;
	const zeros = Math.clz32(x);
	const fraction = ((x << zeros) >>> 24) & 127;
	const root = (zeros % 2 === 1 ? 32768 : 46214) >> (zeros >> 1);
	return root + multiplyWord(root, 213 * fraction);
}

/**
 * Is there speech? Four bands are compared with the noise that was learnt in them, in whole numbers
 * throughout (MLow chapter 09).
 */
export class VoiceActivity {
	/** For each internal frame of the last packet the probability of speech in 1/256, 0 to 255. */
	readonly activity = new Uint8Array(INTERNAL_FRAMES);

	private readonly whole = new HalfBandSplit(INTERNAL_FRAME_SAMPLES);
	private readonly half = new HalfBandSplit(INTERNAL_FRAME_SAMPLES / 2);
	private readonly quarter = new HalfBandSplit(INTERNAL_FRAME_SAMPLES / 4);
	/** Lowest band first: 0 to 1, 1 to 2, 2 to 4, 4 to 8 kHz. */
	private readonly bands = [
		this.quarter.low,
		this.quarter.high,
		this.half.high,
		this.whole.high,
	] as const;
	private readonly carriedEnergy = new Int32Array(BANDS);
	private readonly bias = Int32Array.from({ length: BANDS }, (_, band) =>
		Math.max(Math.floor(50 / (band + 1)), 1),
	);
	private readonly noise = new Int32Array(BANDS);
	private readonly inverseNoise = new Int32Array(BANDS);
	private highPassState = 0;
	private counter = 0;
	private hangoverMs = 0;

	constructor() {
		this.reset();
	}

	reset(): void {
		for (const split of [this.whole, this.half, this.quarter]) split.reset();
		this.carriedEnergy.fill(0);
		for (let band = 0; band < BANDS; band++) {
			this.noise[band] = 100 * this.bias[band]!;
			this.inverseNoise[band] = Math.floor(INT32_MAX / this.noise[band]!);
		}
		this.highPassState = 0;
		this.counter = FIRST_COUNTER;
		this.hangoverMs = HANGOVER_MS;
		this.activity.fill(0);
	}

	/**
	 * @param samples a packet of 960 samples, before any filter; fills `activity`
	 * @returns whether the packet is to be coded as speech: some of it is, or was a moment ago
	 */
	analyse(samples: Int16Array): boolean {
		let codedAsActive = false;
		for (let frame = 0; frame < INTERNAL_FRAMES; frame++) {
			const activity = this.analyseFrame(samples, frame * INTERNAL_FRAME_SAMPLES);
			this.activity[frame] = activity;
			if (activity > ACTIVE_ABOVE) {
				this.hangoverMs = HANGOVER_MS;
				codedAsActive = true;
			} else if (this.hangoverMs > 0) {
				this.hangoverMs -= FRAME_MS;
				codedAsActive = true;
			}
		}
		return codedAsActive;
	}

	private analyseFrame(samples: Int16Array, start: number): number {
		this.whole.split(samples, start);
		this.half.split(this.whole.low, 0);
		this.quarter.split(this.half.low, 0);
		this.highPass(this.quarter.low);

		let minimum = 0;
		if (this.counter < COUNTER_END) {
			minimum = Math.floor(32767 / ((this.counter >> 4) + 1));
			this.counter++;
		}
		let squares = 0;
		for (let band = 0; band < BANDS; band++) {
			const energy = this.bandEnergy(band);
			this.learnNoise(band, energy, minimum);
			const noise = this.noise[band]!;
			if (energy <= noise) continue;
			const ratio =
				energy < 2 ** 23
					? Math.floor((256 * energy) / (noise + 1))
					: Math.floor(energy / ((noise >> 8) + 1));
			squares += (lin2log(ratio) - 1024) ** 2;
		}
		const level = int16(3 * approximateRoot(Math.floor(squares / BANDS)));
		return Math.min(sigm(multiplyWord(45000, level) - 128) >> 7, 255);
	}

	/** Takes the lowest frequencies off the lowest band. */
	private highPass(band: Int16Array): void {
		let state = this.highPassState;
		for (let index = 0; index < band.length; index++) {
			const scaled = multiplyWord(59310, band[index]!);
			const output = saturate16(state - scaled);
			state = scaled + multiplyWord(53084, output);
			band[index] = output;
		}
		this.highPassState = state;
	}

	private bandEnergy(band: number): number {
		const samples = this.bands[band]!;
		const length = samples.length / PARTS;
		let total = this.carriedEnergy[band]!;
		for (let part = 0; part < PARTS; part++) {
			let sum = 0;
			for (let index = part * length; index < (part + 1) * length; index++) {
				const value = samples[index]! >> 3;
				sum += value * value;
			}
			if (part < PARTS - 1) {
				total += sum;
			} else {
				total += sum >> 1;
				this.carriedEnergy[band] = sum;
			}
		}
		return Math.min(total, INT32_MAX);
	}

	/** The noise follows downwards fast and upwards slowly, as a mean of inverses. */
	private learnNoise(band: number, energy: number, minimum: number): void {
		const noise = this.noise[band]!;
		const biased = Math.min(energy + this.bias[band]!, INT32_MAX);
		const inverse = Math.floor(INT32_MAX / biased);
		let coefficient = 128;
		if (biased < noise) coefficient = 1024;
		else if (biased <= 8 * noise) coefficient = multiplyWord(multiplyWide(inverse, noise), 2048);
		coefficient = Math.max(coefficient, minimum);
		const known = this.inverseNoise[band]!;
		const next = Math.max(known + multiplyWord(inverse - known, coefficient), 1);
		this.inverseNoise[band] = next;
		this.noise[band] = Math.min(Math.floor(INT32_MAX / next), MAX_NOISE);
	}
}
