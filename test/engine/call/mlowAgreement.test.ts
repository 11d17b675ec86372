import { MlowAgreement } from '../../../engine/call/mlowAgreement';
import { DESKTOP, PEER, TABLET } from './support/callEvents';

/** Protocol page 02, section 4. */
const WITH = Buffer.from('0105f709e0bb07', 'hex');
const WITHOUT = Buffer.from('0105f709e03b07', 'hex');

type Step = ['accept' | 'preaccept', string, Buffer?];

/** What is known after each step; `-` where it did not change. */
function after(...steps: Step[]): (boolean | string | undefined)[] {
	const agreement = new MlowAgreement();
	return steps.map(([kind, device, capability]) => {
		const changed = agreement.take({ kind, ...(capability && { capability }) }, device);
		return changed ? agreement.speaksMlow : '-';
	});
}

describe('whether the recipient speaks MLow', () => {
	it('is unknown as long as nobody says it', () => {
		expect(new MlowAgreement().speaksMlow).toBeUndefined();
		expect(after(['preaccept', PEER], ['accept', PEER])).toEqual(['-', '-']);
		expect(after(['preaccept', PEER, Buffer.of(1, 5)])).toEqual(['-']);
	});

	it.each<[string, Step[], (boolean | string)[]]>([
		['is said by the preaccept', [['preaccept', PEER, WITHOUT]], [false]],
		['is said by the accept', [['accept', PEER, WITHOUT]], [false]],
		[
			'is not unsaid by an accept without a capability',
			[
				['preaccept', PEER, WITHOUT],
				['accept', PEER],
			],
			[false, '-'],
		],
		[
			'is what the accept says, when the preaccept said otherwise',
			[
				['preaccept', PEER, WITH],
				['accept', PEER, WITHOUT],
			],
			[true, false],
		],
		[
			'depends on the device that answers, when one of several speaks it',
			[
				['preaccept', PEER, WITH],
				['preaccept', TABLET, WITHOUT],
				['accept', TABLET],
			],
			[true, '-', false],
		],
		[
			'depends on the device that answers, when it said nothing and others speak no MLow',
			[
				['preaccept', TABLET, WITHOUT],
				['accept', PEER],
			],
			[false, true],
		],
		[
			'is said late by the device that answered',
			[
				['accept', PEER],
				['preaccept', PEER, WITHOUT],
			],
			['-', false],
		],
		[
			'does not change by what others say after the answer',
			[
				['accept', PEER, WITH],
				['preaccept', TABLET, WITHOUT],
				['accept', DESKTOP, WITHOUT],
				['preaccept', PEER, WITHOUT],
			],
			[true, '-', '-', '-'],
		],
	])('%s', (_name, steps, known) => {
		expect(after(...steps)).toEqual(known);
	});
});
