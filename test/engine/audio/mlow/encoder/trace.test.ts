import { ExcitationCoder } from '../../../../../engine/audio/mlow/encoder/excitationCoder';
import { InputHighPass } from '../../../../../engine/audio/mlow/encoder/inputHighPass';
import { LineSpectrum } from '../../../../../engine/audio/mlow/encoder/lineSpectrum';
import { LsfQuantiser } from '../../../../../engine/audio/mlow/encoder/lsfQuantiser';
import { MlowEncoder } from '../../../../../engine/audio/mlow/encoder/mlowEncoder';
import { PulseBudget } from '../../../../../engine/audio/mlow/encoder/pulseBudget';
import { SpeechAnalysis } from '../../../../../engine/audio/mlow/encoder/speechAnalysis';
import { SubframeTarget } from '../../../../../engine/audio/mlow/encoder/subframeTarget';
import { WeightedSpeech } from '../../../../../engine/audio/mlow/encoder/weightedSpeech';
import { emptyInternalFrame } from '../../../../../engine/audio/mlow/frameParameters';
import { encoderTrace, relativeError, type TracedFrame } from './traceVectors';

const PAST = 480;
const trace = encoderTrace();
const packets = trace.packets;

/** Runs a function for each internal frame with the trace's high-passed signal around it. */
function eachFrame(
	visit: (frame: TracedFrame, signal: Float64Array, packet: number, index: number) => void,
): void {
	const signal = new Float64Array(PAST + 960 + 64);
	packets.forEach(({ hp, intf }, packet) => {
		signal.copyWithin(0, 960, 960 + PAST);
		signal.set(hp, PAST);
		intf.forEach((frame, index) => visit(frame, signal, packet, index));
	});
}

it('high-passes the input like the reference', () => {
	const filter = new InputHighPass();
	const output = new Float64Array(960);
	packets.forEach(({ hp }, packet) => {
		const pcm = trace.pcm.slice(960 * packet, 960 * (packet + 1));
		filter.filter(
			Float64Array.from(pcm, (sample) => sample / 32768),
			output,
			0,
		);
		expect(relativeError(output, hp)).toBeLessThan(1e-4);
	});
});

it('finds prediction, spectrum, LSF and perceptual model of the reference', () => {
	const analysis = new SpeechAnalysis();
	const lineSpectrum = new LineSpectrum();
	const lsf = new Float64Array(16);
	const errors = { windowed: 0, spectrum: 0, prediction: 0, lsf: 0, perception: 0 };
	const worst = (name: keyof typeof errors, error: number): void => {
		errors[name] = error <= errors[name] ? errors[name] : error;
	};
	eachFrame((frame, signal, packet, index) => {
		const { vad_prob, coded_active } = packets[packet]!;
		analysis.analyse(signal, PAST, index, vad_prob[index]!, coded_active === 1);
		const { windowed, spectrum, coefficients } = analysis.prediction;
		if (frame.lpc_windowed) worst('windowed', relativeError(windowed, frame.lpc_windowed));
		if (frame.lpc_F2) worst('spectrum', relativeError(spectrum, frame.lpc_F2));
		worst('prediction', relativeError(coefficients, frame.lpc_A));
		lineSpectrum.fromPrediction(coefficients, lsf);
		frame.nlsf.forEach((expected, line) => worst('lsf', Math.abs(lsf[line]! - expected)));
		frame.perc_corr.forEach((expected, subframe) =>
			worst('perception', relativeError(analysis.perception.correlations[subframe]!, expected)),
		);
	});
	expect(errors.windowed).toBeLessThan(1e-6);
	expect(errors.spectrum).toBeLessThan(1e-5);
	expect(errors.prediction).toBeLessThan(5e-3);
	// The reference's own root search is that coarse.
	expect(errors.lsf).toBeLessThan(4e-3);
	expect(errors.perception).toBeLessThan(1e-5);
});

it('weights the speech for the pitch search like the reference', () => {
	const analysis = new SpeechAnalysis();
	const weighted = new WeightedSpeech();
	let compared = 0;
	eachFrame((frame, signal, packet, index) => {
		const { vad_prob, coded_active } = packets[packet]!;
		analysis.analyse(signal, PAST, index, vad_prob[index]!, coded_active === 1);
		weighted.append(signal, PAST + 320 * index - 32, analysis.perception);
		if (!frame.ltp_buf) return;
		compared++;
		expect(relativeError(weighted.samples, frame.ltp_buf)).toBeLessThan(1e-3);
	});
	expect(compared).toBeGreaterThan(0);
});

it('finds the contours, lags and voices of the reference', () => {
	const analysis = new SpeechAnalysis();
	eachFrame((frame, signal, packet, index) => {
		const { vad_prob, coded_active } = packets[packet]!;
		const voiced = analysis.analyse(signal, PAST, index, vad_prob[index]!, coded_active === 1);
		const { pitch } = analysis;
		expect(pitch.contour).toBe(frame.pitch_contour);
		expect([...pitch.lagIndices]).toEqual(frame.pitch_laginds);
		expect(pitch.averageLag).toBe(frame.pitch_avg_lag_harm[0]);
		expect(Math.abs(pitch.correlation - frame.pitchcorr)).toBeLessThan(1e-3);
		expect(Math.abs(analysis.strength - frame.voicing_strength)).toBeLessThan(1e-3);
		expect(voiced ? 1 : 0).toBe(frame.voiced);
	});
});

it('quantises the LSF of the trace to its symbols', () => {
	const quantiser = new LsfQuantiser(20_000);
	let previous: number[] = [];
	eachFrame((traced) => {
		const frame = { ...emptyInternalFrame(), voiced: traced.voiced === 1 };
		quantiser.quantise(
			Float64Array.from(traced.nlsf),
			Float64Array.from(traced.lpc_A),
			traced.lsfq_cond === 1 ? Float64Array.from(previous) : undefined,
			frame,
		);
		expect(frame.lsfGrid).toBe(traced.lsfq_grid);
		expect([...frame.lsfSymbols]).toEqual(traced.lsfq_stage2);
		previous = traced.nlsf_q;
	});
});

it('gives every subframe the budget of the trace', () => {
	const budget = new PulseBudget(20_000);
	eachFrame((frame, _, packet, index) => {
		const { vad_prob, coded_active } = packets[packet]!;
		const activity = vad_prob[index]!;
		const energies = Float64Array.from(frame.subframes, ({ wnrg }) => wnrg[0] / 32768 ** 2);
		budget.weigh(energies, frame.voiced === 1, frame.voicing_strength, activity);
		const expected = frame.subframes.map(({ importance }) => importance);
		expect(relativeError(budget.importance, expected)).toBeLessThan(1e-4);
		expect(frame.subframes.map(({ max_pulses }) => max_pulses)).toEqual(
			Array(4).fill(budget.maxPulses(activity, coded_active === 1)),
		);
	});
});

it('forms responses and targets of the trace', () => {
	const target = new SubframeTarget();
	let compared = 0;
	eachFrame((frame, _, packet, index) => {
		frame.subframes.forEach(({ predcoef, perc_wght, res, imp, phi, d_lpc }, subframe) => {
			if (!perc_wght || !imp || !phi || !d_lpc) return;
			compared++;
			target.load(
				Float64Array.from(predcoef),
				Float64Array.from(perc_wght),
				Float64Array.from(res),
				new Float64Array(96),
			);
			expect(relativeError(target.response, imp)).toBeLessThan(1e-3);
			expect(relativeError(target.autocorrelation, phi)).toBeLessThan(1e-3);
			// Later ones have the ringing of what was coded before.
			if (packet + index + subframe > 0) return;
			expect(relativeError(target.wanted, d_lpc)).toBeLessThan(1e-3);
		});
	});
	expect(compared).toBeGreaterThan(10);
});

it('codes the excitation of the first internal frame like the reference', () => {
	const [{ intf }] = packets as [(typeof packets)[0]];
	const [traced] = intf as [TracedFrame];
	const signal = new Float64Array(PAST + 960 + 64);
	signal.set(packets[0]!.hp, PAST);
	const analysis = new SpeechAnalysis();
	analysis.analyse(signal, PAST, 0, packets[0]!.vad_prob[0], true);
	const frame = emptyInternalFrame();
	frame.voiced = true;
	frame.lagIndices.set(traced.pitch_laginds);
	new ExcitationCoder().code(
		{
			predictions: traced.subframes.map(({ predcoef }) => Float64Array.from(predcoef)),
			residuals: traced.subframes.map(({ res }) => Float64Array.from(res)),
		},
		analysis.perception,
		Float64Array.from(traced.subframes, ({ importance }) => importance),
		traced.subframes[0]!.max_pulses,
		false,
		frame,
	);
	expect([...frame.pitchGains]).toEqual(traced.subframes.map(({ acb_idx }) => acb_idx));
	expect([...frame.pulseGains]).toEqual(traced.subframes.map(({ gain_idx }) => gain_idx));
	const pulses = new Int16Array(320);
	traced.subframes.forEach((subframe, number) =>
		subframe.pulses.forEach((pulse) => {
			pulses[80 * number + Math.abs(pulse) - 1]! += Math.sign(pulse);
		}),
	);
	expect([...frame.pulses]).toEqual([...pulses]);
});

it('makes a packet of the reference byte for byte, where coarser roots and the beam change nothing', () => {
	const encoder = new MlowEncoder();
	const payloads = packets.map((_, packet) => {
		const pcm = trace.pcm.slice(960 * packet, 960 * (packet + 1));
		return Buffer.from(encoder.encode(Float32Array.from(pcm, (sample) => sample / 32768)));
	});
	expect(payloads[2]!.toString('hex')).toBe(packets[2]!.frame_hex);
});
